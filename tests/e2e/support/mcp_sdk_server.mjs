// An MCP server made with the official SDK that speaks only the 2026-07-28 era: `stdio`, or `http` on the port of $PORT,
// which it prints. Its tool `find-order` knows one order; $FIND_ORDER_SAYS is its description.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { McpServer, createMcpHandler, fromJsonSchema } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const ORDER = {
  type: 'object',
  properties: { number: { type: 'string', 'x-mcp-header': 'Order' } },
  required: ['number'],
  additionalProperties: false,
};

function makeServer() {
  const server = new McpServer({ name: 'orders', version: '1.0.0' });
  const description = process.env.FIND_ORDER_SAYS ?? 'Finds an order by its number';
  server.registerTool(
    'find-order',
    { description, inputSchema: fromJsonSchema(ORDER), annotations: { readOnlyHint: true } },
    async ({ number }) =>
      number === '42'
        ? { content: [{ type: 'text', text: 'order 42: on its way' }] }
        : { content: [{ type: 'text', text: `no order ${number}` }], isError: true },
  );
  return server;
}

if (process.argv[2] === 'stdio') {
  serveStdio(makeServer, { legacy: 'reject' });
} else {
  const handler = createMcpHandler(makeServer, { legacy: 'reject' });
  const server = createServer(async (request, response) => {
    const { method, headers } = request;
    const body = method === 'POST' ? Readable.toWeb(request) : undefined;
    const answer = await handler.fetch(
      new Request(`http://${headers.host}${request.url}`, { method, headers, body, duplex: 'half' }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(server.address().port));
}
