import { describe, expect, it } from 'vitest';
import { addressesOf, networksOf, scopesOf, tokenCommand, tryIt, withOpenid } from './keys';

describe('keys', () => {
  it('offers no key what takes a person', () => {
    expect(scopesOf(['workflow:publish', 'user:read', 'approval:decide', 'event:read'])).toEqual([
      'event:read',
      'user:read',
    ]);
  });
  it('reads networks however they are parted', () => {
    expect(networksOf(' 10.0.0.0/8,2001:db8::/32\n192.0.2.1 ;\n')).toEqual([
      '10.0.0.0/8',
      '2001:db8::/32',
      '192.0.2.1',
    ]);
    expect(networksOf('  ')).toEqual([]);
  });
  it('says how to try one out', () => {
    expect(tryIt('cybershield_x', 'https://s.example', '/api/v1/api-key')).toBe(
      "curl -H 'Authorization: Bearer cybershield_x' https://s.example/api/v1/api-key",
    );
  });
  it('reads addresses, one a line', () => {
    expect(addressesOf(' https://a.org/b \n\nhttp://127.0.0.1/back\n')).toEqual([
      'https://a.org/b',
      'http://127.0.0.1/back',
    ]);
  });
  it('tells name and address beside who it is only', () => {
    expect(withOpenid(['user:read'])).toEqual(['user:read']);
    expect(withOpenid(['user:read', 'email'])).toEqual(['openid', 'user:read', 'email']);
    expect(withOpenid(['email', 'openid'])).toEqual(['email', 'openid']);
  });
  it('says how to ask for a token', () => {
    expect(tokenCommand('id', 'csclient_x', 'https://s.example')).toBe(
      'curl -u id:csclient_x -d grant_type=client_credentials https://s.example/oauth2/token',
    );
  });
});
