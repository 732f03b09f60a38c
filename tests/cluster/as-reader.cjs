// Runs within the app's pod (`node -e`), where the app's own files, network and driver are. Prints one JSON line.
const { readFileSync } = require('node:fs');
// Where npm has put it: app/Dockerfile.
const { Client } = require(require.resolve('pg', { paths: ['/app/app', '/app'] }));

const reader = readFileSync('/secrets/database/reader-url', 'utf8').trim();
const ca = readFileSync('/certs/ca.crt', 'utf8');

async function attempt(connect, statement) {
  const client = new Client(connect);
  try {
    await client.connect();
    const { rows } = await client.query(statement);
    return { rows: rows.length };
  } catch (error) {
    return { code: error.code, message: error.message };
  } finally {
    await client.end().catch(() => {});
  }
}

/** The reader's URL with TLS as said here: `pg` takes the URL's own settings over any other. */
function connection(ssl, host) {
  const url = new URL(reader);
  return {
    host: host ?? url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ssl,
  };
}

async function main() {
  const { address } = await require('node:dns/promises').lookup(new URL(reader).hostname);
  const verified = connection({ ca });
  const statements = {
    SELECT: 'SELECT term FROM search_terms LIMIT 1',
    INSERT: "INSERT INTO search_terms (term) VALUES ('nobody may write this')",
    UPDATE: 'UPDATE search_terms SET term = term',
    DELETE: 'DELETE FROM login_events',
    CREATE: 'CREATE TABLE nobody_may_make_this (id INT8 PRIMARY KEY)',
  };
  const result = { user: verified.user, host: verified.host };
  for (const [name, statement] of Object.entries(statements))
    result[name] = await attempt(verified, statement);
  result.wrongName = await attempt(connection({ ca }, address), 'SELECT 1');
  result.foreignAuthority = await attempt(connection({}), 'SELECT 1');
  console.log(JSON.stringify(result));
}

main();
