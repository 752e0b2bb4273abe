// Telling: the page where one writes, alone. (The front helper fills it.)
export {};
