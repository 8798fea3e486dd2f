/** The OCSF classes that events are normalised to, as the class filter offers them. */
export const CLASSES: readonly { uid: number; name: string }[] = [
  { uid: 0, name: 'Base event' },
  { uid: 1001, name: 'File system activity' },
  { uid: 1005, name: 'Module activity' },
  { uid: 1006, name: 'Scheduled job activity' },
  { uid: 1007, name: 'Process activity' },
  { uid: 2002, name: 'Vulnerability finding' },
  { uid: 2003, name: 'Compliance finding' },
  { uid: 2004, name: 'Detection finding' },
  { uid: 3001, name: 'Account change' },
  { uid: 3002, name: 'Authentication' },
  { uid: 4001, name: 'Network activity' },
  { uid: 4002, name: 'HTTP activity' },
  { uid: 4003, name: 'DNS activity' },
  { uid: 5001, name: 'Device inventory info' },
  { uid: 201001, name: 'Registry key activity' },
  { uid: 201002, name: 'Registry value activity' },
];
