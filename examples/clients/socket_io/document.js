// What passes over a socket, compared with the AsyncAPI document that the node itself serves.

import Ajv from "ajv";

/** The schemas of a document; closed, they allow no field that they do not describe. */
function schemasOf(components, closed) {
  const close = (schema) => {
    if (schema === null || typeof schema !== "object") return schema;
    if (Array.isArray(schema)) return schema.map(close);
    const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, close(value)]));
    return typeof copy.properties === "object" ? { additionalProperties: false, ...copy } : copy;
  };
  const schemas = closed ? close(components.schemas) : components.schemas;
  // Formats and keywords of people are no rules here.
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "document", components: { schemas } });
  return ajv;
}

/** What the document of a node says of messages. */
export async function documentOf(node) {
  const { components } = await (await fetch(`${node}/asyncapi.json`)).json();
  const [sent, received] = [schemasOf(components, false), schemasOf(components, true)];
  const check = (ajv, name, payload) => {
    const message = components.messages[name.replace(":", ".")];
    if (!message) throw new Error(`the document has no message ${name}: ${JSON.stringify(payload)}`);
    const fits = ajv.getSchema(`document${message.payload.$ref}`);
    if (!fits(payload)) throw new Error(`${name} is not what the document says: ${ajv.errorsText(fits.errors)}: ${JSON.stringify(payload)}`);
  };
  return {
    /** An event of the server. */
    received: (name, payload) => check(received, name, payload),
    /** An event of a client and its acknowledgement: what was taken is what the document lets clients send. */
    answered(name, payload, answer) {
      if (answer.ok !== true) return check(received, "socketIo.refusal", answer);
      check(sent, name, payload ?? {});
      check(received, `${name}.ack`, answer);
    },
  };
}
