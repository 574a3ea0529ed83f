/** kx's own version, as package.json has it (a test holds both together). */
export const version = '0.1.0'
