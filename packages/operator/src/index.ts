export { OperatorError, type OperatorErrorCode } from './errors.js';
export { fileJournal } from './journal/fileJournal.js';
