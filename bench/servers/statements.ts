// Imported, not written again: all three servers send the same statements.
import { INSERT_LOGIN as INSERT } from '../../app/src/http/login.ts';
import { SEARCH as SELECT } from '../../app/src/http/search.ts';

export const INSERT_LOGIN = INSERT.text;
export const SEARCH = SELECT.text;
