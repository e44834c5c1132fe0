// SPDX-License-Identifier: Apache-2.0
// The REST API as a stranger would use it: from its OpenAPI document alone, with a JSON Schema
// validator that is not our own code. Each answer is held against the document, and more strictly
// than clients should: a member that the document does not know is a fault, too.
import assert from 'node:assert/strict';

import addFormats from 'ajv-formats';
import Ajv from 'ajv/dist/2020.js';

const ROOT = 'urn:lasna:openapi';

/** A copy of the schema, or of what holds schemas, in which objects have what is told and no more. */
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  if (typeof copy.$ref === 'string') copy.$ref = copy.$ref.replace(/^#/, `${ROOT}#`);
  if (copy.type === 'object' && copy.properties && !copy.$ref && copy.additionalProperties === undefined) copy.additionalProperties = false;
  return copy;
}

export class Described {
  #ajv = addFormats(new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false, allErrors: true }));
  #met = new Set();

  /** Of the instance as whoever bears this token sees it. */
  static async of(instance, bearer) {
    const described = Object.assign(new Described(), { base: `${instance.http}/api/v1`, bearer });
    described.document = await (await fetch(`${described.base}/openapi.json`)).json();
    const { schemas } = described.document.components;
    described.#ajv.addVocabulary(['components']);
    described.#ajv.addSchema({ $id: ROOT, components: { schemas: closed(schemas) } });
    described.operations = Object.entries(described.document.paths).flatMap(([path, verbs]) =>
      Object.entries(verbs).map(([verb, operation]) => ({ path, method: verb.toUpperCase(), ...operation })));
    return described;
  }

  operation(id) {
    const found = this.operations.find(({ operationId }) => operationId === id);
    assert.ok(found, `there is no operation ${id}`);
    return found;
  }

  /** Which operation such a request is of. */
  named(method, path) {
    const fits = ({ method: its, path: pattern }) => its === method && new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
    const found = this.operations.filter(fits).sort((a, b) => a.path.split('{').length - b.path.split('{').length);
    assert.ok(found.length > 0, `nothing answers ${method} ${path}`);
    return found[0].operationId;
  }

  /** The names of all operations that were not met with success yet. */
  get untried() {
    return this.operations.map(({ operationId }) => operationId).filter((id) => !this.#met.has(id));
  }

  /** Every schema of the document, compiled: throws where one makes no sense. */
  compile() {
    for (const { operationId, requestBody } of this.operations) {
      for (const { schema } of Object.values(requestBody?.content ?? {})) this.#validator(`${operationId} body`, schema);
    }
    for (const name of Object.keys(this.document.components.schemas)) this.#validator(name, { $ref: `#/components/schemas/${name}` });
  }

  #validator(name, schema) {
    const known = this.#ajv.getSchema(name);
    if (known) return known;
    this.#ajv.addSchema(closed(schema), name);
    return this.#ajv.getSchema(name);
  }

  /** Fails unless the document lets this operation answer so. */
  check(id, { status, type, headers, json }) {
    const { responses } = this.operation(id);
    const response = this.#resolved(responses[status]);
    const where = `${id}: ${status}`;
    assert.ok(response, `${where} is no status it may have: ${JSON.stringify(json)}`);
    if (headers && response.headers?.ETag) assert.ok(headers.get('etag'), `${where} bears no ETag`);
    if (!response.content) {
      assert.equal(json, undefined, `${where} has a body`);
    } else {
      const media = response.content[type?.split(';')[0]] ?? response.content['*/*'];
      assert.ok(media, `${where} ${type} is no type it may have`);
      if (json !== undefined && media.schema) {
        const validate = this.#validator(`${id} ${status} ${type}`, media.schema);
        assert.ok(validate(json), `${where}: ${this.#ajv.errorsText(validate.errors)}\n${JSON.stringify(json)}`);
      }
    }
    if (status < 300) this.#met.add(id);
  }

  #resolved(response) {
    return response?.$ref ? this.document.components.responses[response.$ref.split('/').at(-1)] : response;
  }

  /** Asks by the operation's name; `at` fills the places of its path. Resolves with { status, json, text }. */
  async ask(id, { at = {}, query = {}, body, bearer = this.bearer, headers = {}, status } = {}) {
    const { method, path } = this.operation(id);
    const there = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(at[name] ?? assert.fail(`${id} lacks ${name}`)).replaceAll('%40', '@'));
    const search = Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : '';
    const answer = await fetch(`${this.base}${there}${search}`, {
      method, headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const type = answer.headers.get('content-type') ?? undefined;
    const text = await answer.text();
    const json = /^application\/(problem\+)?json(;|$)/.test(type) && text ? JSON.parse(text) : undefined;
    this.check(id, { status: answer.status, type, headers: answer.headers, json });
    if (status === undefined) assert.ok(answer.status < 300, `${id}: ${answer.status} ${text}`);
    else assert.equal(answer.status, status, `${id}: ${text}`);
    return { status: answer.status, headers: answer.headers, json, text };
  }
}
