// Naming: where a text seems to name people. A hint for whoever writes, made here and sent nowhere.
export function namingHint(_text: string, _lang: string): string {
  return "";
}
