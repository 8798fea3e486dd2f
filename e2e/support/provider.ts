import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import dgram from 'node:dgram';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const CLIENT = 'cybershield';
const SECRET = 'a well kept secret';
const url64 = (text: string) => Buffer.from(text).toString('base64url');

/** Somebody else's OpenID provider on this machine: one form, one person at a time, real keys. */
export class Provider {
  readonly client = CLIENT;
  readonly secret = SECRET;
  private readonly keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly codes = new Map<string, { asked: URLSearchParams; email: string; name: string }>();

  private constructor(private readonly server: http.Server) {}

  static async open(): Promise<Provider> {
    const server = http.createServer();
    const provider = new Provider(server);
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => provider.answer(request, new URLSearchParams(body), response));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/realm`;
  }

  private answer(request: http.IncomingMessage, sent: URLSearchParams, response: http.ServerResponse): void {
    const at = new URL(request.url ?? '/', this.issuer);
    const json = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    switch (at.pathname) {
      case '/realm/.well-known/openid-configuration':
        return json(200, {
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/authorize`,
          token_endpoint: `${this.issuer}/token`,
          jwks_uri: `${this.issuer}/jwks`,
          authorization_response_iss_parameter_supported: true,
        });
      case '/realm/jwks':
        return json(200, { keys: [{ ...this.keys.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] });
      case '/realm/authorize':
        return request.method === 'POST' ? this.sendBack(at, sent, response) : this.form(at, response);
      case '/realm/token':
        return this.token(request, sent, json);
      default:
        return json(404, {});
    }
  }

  private form(at: URL, response: http.ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(
      `<!doctype html><html lang="en"><title>Northwind ID</title><main><h1>Northwind ID</h1>
      <form method="post" action="${at.pathname}${at.search.replaceAll('&', '&amp;')}">
      <label>Address <input name="email"></label><label>Name <input name="name"></label>
      <button name="do" value="yes">Sign in here</button><button name="do" value="no">Refuse</button></form></main></html>`,
    );
  }

  private sendBack(at: URL, sent: URLSearchParams, response: http.ServerResponse): void {
    const back = new URL(at.searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('state', at.searchParams.get('state') ?? '');
    back.searchParams.set('iss', this.issuer);
    if (sent.get('do') === 'yes') {
      const code = randomUUID();
      this.codes.set(code, { asked: at.searchParams, email: sent.get('email') ?? '', name: sent.get('name') ?? '' });
      back.searchParams.set('code', code);
    } else {
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('error_description', 'Call +49 30 000000 to unlock your account');
    }
    response.writeHead(303, { location: back.toString() });
    response.end();
  }

  private token(request: http.IncomingMessage, sent: URLSearchParams, json: (status: number, value: unknown) => void): void {
    const basic = Buffer.from(`${CLIENT}:${encodeURIComponent(SECRET).replaceAll('%20', '+')}`).toString('base64');
    if (request.headers.authorization !== `Basic ${basic}`) return json(401, { error: 'invalid_client' });
    const given = this.codes.get(sent.get('code') ?? '');
    this.codes.delete(sent.get('code') ?? '');
    const challenge = createHash('sha256').update(sent.get('code_verifier') ?? '').digest('base64url');
    if (!given || given.asked.get('code_challenge') !== challenge || given.asked.get('redirect_uri') !== sent.get('redirect_uri'))
      return json(400, { error: 'invalid_grant' });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.issuer,
      sub: createHash('sha256').update(given.email).digest('hex'),
      aud: CLIENT,
      iat: now,
      exp: now + 300,
      nonce: given.asked.get('nonce'),
      email: given.email,
      email_verified: true,
      name: given.name,
    };
    const signed = `${url64(JSON.stringify({ alg: 'RS256', kid: 'one', typ: 'JWT' }))}.${url64(JSON.stringify(claims))}`;
    const signature = createSign('RSA-SHA256').update(signed).sign(this.keys.privateKey).toString('base64url');
    json(200, { access_token: 'none', token_type: 'Bearer', id_token: `${signed}.${signature}` });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A name server that knows the TXT records it was told. */
export class NameServer {
  readonly records = new Map<string, string>();
  private constructor(private readonly socket: dgram.Socket) {}

  static async open(): Promise<NameServer> {
    const socket = dgram.createSocket('udp4');
    const server = new NameServer(socket);
    socket.on('message', (question, from) => socket.send(server.answer(question), from.port, from.address));
    await new Promise<void>((resolve) => {
      socket.bind(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get address(): string {
    return `dns://127.0.0.1:${this.socket.address().port}`;
  }

  private answer(question: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.toString('ascii', at + 1, at + 1 + length));
      at += length + 1;
    }
    const text = this.records.get(labels.join('.').toLowerCase());
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(text === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(text === undefined ? 0 : 1, 6);
    header.writeUInt32BE(0, 8);
    const asked = question.subarray(12, at + 5);
    if (text === undefined) return Buffer.concat([header, asked]);
    const record = Buffer.alloc(13);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(16, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(60, 6);
    record.writeUInt16BE(text.length + 1, 10);
    record.writeUInt8(text.length, 12);
    return Buffer.concat([header, asked, record, Buffer.from(text, 'ascii')]);
  }

  close(): void {
    this.socket.close();
  }
}
