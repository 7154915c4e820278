# syntax=docker/dockerfile:1
# Two images out of one build: `docker build --target anchord .` and `docker build --target proxy .`
# What is in them comes from pnpm-lock.yaml alone; to pin the base images too, give NODE with its digest.
ARG NODE=24.21.0-bookworm

FROM node:${NODE} AS build
# better-sqlite3 compiles against the headers that this image carries: nothing but packages is fetched.
ENV npm_config_nodedir=/usr/local \
    CI=true
RUN npm install --global pnpm@10.34.9
WORKDIR /build
# The packages first: they change less often than what is built with them.
COPY pnpm-lock.yaml pnpm-workspace.yaml ./
COPY patches patches
RUN pnpm fetch
COPY . .
RUN pnpm install --offline --frozen-lockfile \
      --filter chronos --filter '@chronos/anchord...' --filter '@chronos/proxy...' --filter '@chronos/web...' \
 && pnpm exec tsc -b packages/anchord packages/proxy packages/web \
 && node scripts/setup/page.mjs \
 && for name in anchord proxy; do \
      pnpm --config.inject-workspace-packages=true --filter "@chronos/$name" deploy --prod --offline "/out/$name" || exit 1; \
    done \
 && cp -r packages/web/dist/page /out/page

FROM node:${NODE}-slim AS runtime
# tini takes the signals and reaps what is left; npm and yarn have nothing to do in a running image.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends tini=0.19.0-1+b3 \
 && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /opt/yarn-* /usr/local/bin/yarn*
ENV NODE_ENV=production
COPY LICENSE docs/licences.md /usr/share/doc/chronos/
COPY deploy/docker/healthcheck.mjs /app/healthcheck.mjs
LABEL org.opencontainers.image.vendor="Chronos" \
      org.opencontainers.image.documentation="docs/deployment.md"
ENTRYPOINT ["/usr/bin/tini", "--"]

FROM runtime AS anchord
LABEL org.opencontainers.image.title="Chronos anchord" \
      org.opencontainers.image.description="The daemon: collects digests, closes windows, anchors their roots on chain" \
      org.opencontainers.image.licenses="GPL-3.0-only"
COPY --from=build /out/anchord /app/anchord
# The store: the only place that is written to.
RUN install --directory --owner=10001 --group=10001 --mode=700 /var/lib/chronos
VOLUME /var/lib/chronos
ENV PATH=/app/anchord/bin:$PATH \
    CHRONOS_DATA_DIR=/var/lib/chronos \
    CHRONOS_ANCHORD_HOST=0.0.0.0
USER 10001:10001
# The private port and that of metrics. The admin port stays on the container's own loopback: `docker exec … anchord.js admin status`.
EXPOSE 7401 7403
# Any answer will do, and that port answers last at the start, in the clear and without a token. A start after a crash may take its time:
# windows are indexed again before it listens.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5m --retries=3 \
  CMD ["node", "/app/healthcheck.mjs", "http://127.0.0.1:7403/"]
CMD ["node", "/app/anchord/bin/anchord.js"]

FROM runtime AS proxy
LABEL org.opencontainers.image.title="Chronos proxy" \
      org.opencontainers.image.description="The public front: web page, REST API, validation, limits, cache" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out/proxy /app/proxy
COPY --from=build /out/page /app/page
ENV CHRONOS_HOST=0.0.0.0 \
    CHRONOS_WEB_DIR=/app/page
USER 10001:10001
EXPOSE 7400 7404
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "/app/healthcheck.mjs", "http://127.0.0.1:7400/healthz"]
CMD ["node", "/app/proxy/bin/chronos-proxy.js"]
