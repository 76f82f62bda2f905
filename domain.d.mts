import domain = require('./domain.js');

export import Domain = domain.Domain;
export import create = domain.create;
export import createDomain = domain.createDomain;
export default domain;
