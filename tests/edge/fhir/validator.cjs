// Errors that the npm package `fhir` finds in each resource on standard input, as a JSON list.
const { Fhir } = require(process.argv[2] + '/node_modules/fhir');
const fhir = new Fhir();
let text = '';
process.stdin.on('data', (part) => { text += part; });
process.stdin.on('end', () => {
  const found = JSON.parse(text).map((one) => fhir.validate(one, { errorOnUnexpected: true })
    .messages.filter((message) => message.severity === 'error'));
  process.stdout.write(JSON.stringify(found));
});
