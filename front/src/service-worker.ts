// Keeps the node's own files so that a page is ready without a network.
// It keeps nobody's words.
declare const STATIC_FILES: string[];
declare const STATIC_NAMES: { style: string; script: string };

console.debug(STATIC_FILES.length, STATIC_NAMES.style);
export {};
