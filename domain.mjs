import domain from './domain.js';

export const { Domain, create, createDomain } = domain;
export default domain;
