/** Says in one line what is wrong with a Node version; '' when it will do. */
export function nodeVersionProblem(version: string): string;
