import { z } from 'zod';
import { problemSchema } from './api.js';
import { ChronosError, type ErrorCode, ERRORS } from './errors.js';
import { problemOf } from './problem.js';
import { errorsOf, type Route, type RouteReply, ROUTES } from './routes.js';

type Json = Record<string, unknown>;

/** Where a code comes with `Retry-After`: the fault passes by itself. */
const PASSING_STATUSES: readonly number[] = [429, 503];

const retryAfterHeader = {
  'Retry-After': { description: 'When to come again, in seconds', schema: { type: 'integer', minimum: 0 } },
};

/**
 * The REST API as an OpenAPI 3.1 document, made from {@link ROUTES} and the zod schemas. Schemas that have an id become components.
 * `serverUrl` is where the service answers; without one, the host that the document came from.
 */
export function openApiDocument({ version, serverUrl = '/' }: { version: string; serverUrl?: string }): Json {
  const components = new Components();
  const paths: Record<string, Json> = {};
  for (const route of ROUTES) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Chronos',
      version,
      summary: 'Timestamps for SHA-256 digests, anchored on Zilliqa',
      description:
        'Digests are 64 lower-case hex digits, times are ISO 8601 in UTC. Errors are RFC 9457 problems, told apart by `code`. ' +
        'Looking up a digest tells whoever holds the file that it was stamped; blinding avoids that.',
    },
    servers: [{ url: serverUrl }],
    paths,
    components: { schemas: components.schemas },
  };
}

/** JSON Schemas of zod schemas, those with an id gathered as components. */
class Components {
  readonly schemas: Record<string, Json> = {};

  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const {
      $schema: _,
      $defs,
      ...own
    } = z.toJSONSchema(schema, {
      io,
      // The exact pattern of a date-time fills a screen and says no more than its format.
      override: ({ jsonSchema }) => {
        if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      },
    });
    for (const [id, definition] of Object.entries($defs ?? {}))
      this.schemas[id] = pointToComponents(definition) as Json;
    return pointToComponents(own) as Json;
  }
}

/** `#/$defs/X` becomes `#/components/schemas/X`; the ids that zod writes beside are dropped, their place in the document is their name. */
function pointToComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointToComponents);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, inner.replace('#/$defs/', '#/components/schemas/')]
        : [key, pointToComponents(inner)],
    ),
  );
}

function operation(route: Route, components: Components): Json {
  const parameters = [...pathParameters(route, components), ...queryParameters(route, components)];
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.request === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: components.of(route.request.schema, 'input'),
                example: route.request.example,
              },
            },
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.replies).map(([status, reply]) => [status, response(reply, components)]),
      ),
      ...problemResponses(route, components),
    },
  };
}

function pathParameters({ params = {} }: Route, components: Components): Json[] {
  return Object.entries(params).map(([name, { description, schema, example }]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: components.of(schema, 'output'),
    example,
  }));
}

function queryParameters({ query }: Route, components: Components): Json[] {
  if (query === undefined) return [];
  return Object.entries(query.schema.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !(schema as z.ZodType).safeParse(undefined).success,
    description: query.descriptions[name],
    schema: components.of(schema as z.ZodType, 'output'),
  }));
}

function response({ description, schema, example, retryAfter }: RouteReply, components: Components): Json {
  return {
    description,
    ...(retryAfter ? { headers: retryAfterHeader } : {}),
    content: { 'application/json': { schema: components.of(schema, 'output'), example } },
  };
}

/** One response for each status, with an example for each code that travels with it. */
function problemResponses(route: Route, components: Components): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(route)) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const schema = components.of(problemSchema, 'output');
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join('. '),
        ...(PASSING_STATUSES.includes(status) ? { headers: retryAfterHeader } : {}),
        content: {
          'application/problem+json': {
            schema,
            examples: Object.fromEntries(
              codes.map((code) => [code, { value: problemOf(new ChronosError(code, ERRORS[code].title), '5f3a9c12') }]),
            ),
          },
        },
      },
    ]),
  );
}
