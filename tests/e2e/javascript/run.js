// node run.js FILE: the lines of a file of cases.
'use strict';
const cases = require('./cases.js');

const print = (line) => console.log(line);
require(`./${process.argv[2]}`)(cases(print), print);
