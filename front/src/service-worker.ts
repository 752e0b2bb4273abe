// Keeps the node's own files so that a page is ready without a network.
// It keeps nobody's words.
declare const STATIC_FILES: string[];

export {};
