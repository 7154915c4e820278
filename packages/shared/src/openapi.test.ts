import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { fromHex } from './bytes.js';
import { ERRORS } from './errors.js';
import { verifyConsistency } from './merkle.js';
import { consistencyReplyExample, digestExample, proofExample } from './openapi-examples.js';
import { openApiDocument } from './openapi.js';
import { COMMON_ERRORS, errorsOf, ROUTES } from './routes.js';
import { verifyStructure } from './verify-proof.js';

// The shape of an OpenAPI 3.1 document, as far as ours goes: https://spec.openapis.org/oas/v3.1.0
const mediaTypes = z.partialRecord(
  z.enum(['application/json', 'application/problem+json']),
  z.strictObject({ schema: z.looseObject({}), example: z.unknown().optional(), examples: z.unknown().optional() }),
);
const headers = z.record(z.string(), z.strictObject({ description: z.string(), schema: z.looseObject({}) }));
const operationSchema = z.strictObject({
  operationId: z.string().regex(/^[a-z]\w+$/),
  tags: z.array(z.string()).length(1),
  summary: z.string().min(1),
  description: z.string().optional(),
  parameters: z
    .array(
      z.strictObject({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean(),
        description: z.string().min(1),
        schema: z.looseObject({}),
        example: z.unknown().optional(),
      }),
    )
    .optional(),
  requestBody: z.strictObject({ required: z.literal(true), content: mediaTypes }).optional(),
  responses: z.record(
    z.string().regex(/^[2-5]\d\d$/),
    z.strictObject({ description: z.string().min(1), headers: headers.optional(), content: mediaTypes }),
  ),
});
const documentSchema = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({ title: z.string(), version: z.string(), summary: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.string() })),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(['get', 'post']), operationSchema)),
  components: z.strictObject({ schemas: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), z.looseObject({})) }),
});

const written = openApiDocument({ version: '1.2.3', serverUrl: 'https://chronos.example' });
const document = documentSchema.parse(JSON.parse(JSON.stringify(written)));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  );
}

describe('the document', () => {
  test('has the version and the server asked for', () => {
    expect(document.info.version).toBe('1.2.3');
    expect(document.servers).toEqual([{ url: 'https://chronos.example' }]);
    expect(openApiDocument({ version: '1' })['servers']).toEqual([{ url: '/' }]);
  });

  test('resolves every reference, and uses every component', () => {
    const refs = new Set(refsIn(document));
    const components = Object.keys(document.components.schemas).map((id) => `#/components/schemas/${id}`);
    expect([...refs].toSorted()).toEqual(components.toSorted());
    expect(JSON.stringify(document)).not.toContain('$defs');
  });

  test('names every operation once', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(operations)('$method $path declares its parameters, and only those', ({ path, operation }) => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = operation.parameters ?? [];
    expect(declared.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(inPath);
    expect(declared.every(({ in: place, required }) => place === 'query' || required)).toBe(true);
  });

  test('says Retry-After wherever the answer has one', () => {
    for (const { operation } of operations) {
      for (const status of ['429', '503']) expect(operation.responses[status]?.headers).toHaveProperty('Retry-After');
    }
    const { get } = document.paths['/api/v1/proofs/{digest}']!;
    expect(get?.responses['202']?.headers).toHaveProperty('Retry-After');
    expect(get?.responses['200']?.headers).toBeUndefined();
  });

  test('tells every error of a route as a problem with its own code', () => {
    for (const route of ROUTES) {
      const operation = document.paths[route.path]![route.method === 'GET' ? 'get' : 'post']!;
      for (const code of errorsOf(route)) {
        const content = operation.responses[String(ERRORS[code].status)]?.content['application/problem+json'];
        expect(content?.examples).toHaveProperty([code, 'value', 'code'], code);
      }
    }
  });

  test('marks the query parameters that must be there', () => {
    const required = (path: string) =>
      document.paths[path]!.get!.parameters!.map(({ name, required: must }) => `${name} ${must}`);
    expect(required('/api/v1/consistency')).toEqual(['from true', 'to true']);
    expect(required('/api/v1/windows')).toEqual(['limit false', 'before false']);
    expect(required('/api/v1/proofs/{digest}')).toEqual(['digest true', 'wait false']);
  });
});

describe('the table of routes', () => {
  test('is the list of the design', () => {
    expect(
      ROUTES.map(({ method, path, query }) => [method, path, ...Object.keys(query?.schema.shape ?? {})].join(' ')),
    ).toEqual([
      'POST /api/v1/timestamps',
      'GET /api/v1/timestamps/{digest}',
      'GET /api/v1/proofs/{digest} wait',
      'POST /api/v1/proofs',
      'POST /api/v1/verify',
      'GET /api/v1/windows limit before',
      'GET /api/v1/windows/{id}',
      'GET /api/v1/anchors/latest',
      'GET /api/v1/consistency from to',
      'GET /api/v1/status',
    ]);
  });

  test.each(ROUTES)('$method $path has examples that its own schemas take', ({ request, replies }) => {
    if (request !== undefined) expect(request.schema.parse(request.example)).toEqual(request.example);
    for (const { schema, example } of Object.values(replies)) expect(schema.parse(example)).toEqual(example);
  });

  test('has examples that hold', () => {
    expect(verifyStructure(fromHex(digestExample), proofExample).code).toBe('ok');
    const { from, to, path } = consistencyReplyExample;
    const roots = [fromHex(from.root), fromHex(to.root)] as const;
    expect(verifyConsistency(BigInt(from.size), BigInt(to.size), ...roots, path.map(fromHex))).toBe(true);
  });

  test('answers only errors that travel, each once', () => {
    for (const route of ROUTES) {
      const codes = errorsOf(route);
      expect(new Set(codes).size).toBe(codes.length);
      expect(codes.filter((code) => ERRORS[code].status < 400)).toEqual([]);
    }
  });

  test('a route with a body can refuse it, one without takes none', () => {
    for (const { method, request, errors } of ROUTES) {
      expect(request !== undefined).toBe(method === 'POST');
      expect((errors as readonly string[]).includes('request_too_large')).toBe(method === 'POST');
    }
    expect(COMMON_ERRORS).not.toContain('invalid_json');
  });
});
