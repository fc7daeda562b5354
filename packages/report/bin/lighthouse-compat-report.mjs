#!/usr/bin/env node
// Here before anything is built, so that an installer finds it.
import '../dist/cli.js';
