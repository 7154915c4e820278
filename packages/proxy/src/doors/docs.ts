import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openApiDocument } from '@chronos/shared';
import { pageHeaders } from '../http/page-headers.js';
import type { Handler, Resource } from '../http/resource.js';
import { VERSION } from '../version.js';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Chronos API</title>
    <link rel="icon" href="favicon-32x32.png">
    <link rel="stylesheet" href="swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="swagger-ui-bundle.js"></script>
    <script src="initializer.js"></script>
  </body>
</html>
`;

// validatorUrl null: otherwise the page sends the address of the document to swagger.io.
const INITIALIZER = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
});
`;

/** What is served of swagger-ui-dist, and no more: it also holds a demo page that loads another service's API. */
const SWAGGER_FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
};

/** The machine's and the people's description of the API. `publicUrl` is where it is tried out. */
export function docsResources({ publicUrl }: { publicUrl?: string | undefined }): Resource[] {
  const openApi = JSON.stringify(
    openApiDocument({ version: VERSION, ...(publicUrl === undefined ? {} : { serverUrl: publicUrl }) }),
  );
  const tryOut = publicUrl === undefined ? '' : ` ${new URL(publicUrl).origin}`;
  // Swagger UI draws its icons from data: URLs and sets style attributes.
  const policy =
    `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; ` +
    `connect-src 'self'${tryOut}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  const text = (path: string, type: string, body: string): Resource => ({
    path,
    methods: { GET: fileHandler(type, policy, () => Promise.resolve(Buffer.from(body))) },
  });
  return [
    { path: '/', methods: { GET: redirect('/docs/') } },
    {
      path: '/openapi.json',
      methods: { GET: fileHandler('application/json', policy, () => Promise.resolve(Buffer.from(openApi))) },
    },
    { path: '/docs', methods: { GET: redirect('/docs/') } },
    text('/docs/', 'text/html; charset=utf-8', PAGE),
    text('/docs/initializer.js', 'text/javascript', INITIALIZER),
    ...Object.entries(SWAGGER_FILES).map(([name, type]) => ({
      path: `/docs/${name}`,
      methods: { GET: fileHandler(type, policy, () => readFile(join(swaggerFolder(), name))) },
    })),
  ];
}

function swaggerFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
}

function redirect(location: string): Handler {
  return (exchange) => {
    exchange.reply(302, { location, 'cache-control': 'no-store' }, '');
  };
}

/** Serves a file that is read the first time somebody asks for it. */
function fileHandler(type: string, policy: string, read: () => Promise<Buffer>): Handler {
  const common = pageHeaders(policy);
  let file: Promise<{ body: Buffer; etag: string }> | undefined;
  const load = async () => {
    const body = await read();
    return { body, etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"` };
  };
  return async (exchange) => {
    const { body, etag } = await (file ??= load());
    const headers = { ...common, etag, 'cache-control': 'no-cache' };
    if (exchange.req.headers['if-none-match']?.includes(etag) === true) exchange.reply(304, headers, '');
    else exchange.reply(200, { ...headers, 'content-type': type }, body);
  };
}
