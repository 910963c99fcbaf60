// An SMTP server on a free port of this machine. It prints the port and then a line of JSON for each mail, and ends
// with its standard input.
import { SMTPServer } from "smtp-server";

const server = new SMTPServer({
	authMethods: ["PLAIN", "LOGIN"],
	allowInsecureAuth: true,
	disabledCommands: ["STARTTLS"],
	onAuth({ username, password }, _session, callback) {
		const accepted = username === "lucia" && password === "mail secret";
		callback(accepted ? null : new Error("wrong credentials"), { user: username });
	},
	onData(stream, session, callback) {
		const chunks = [];
		stream.on("data", (chunk) => chunks.push(chunk));
		stream.on("end", () => {
			const { mailFrom, rcptTo } = session.envelope;
			const message = Buffer.concat(chunks).toString("utf8");
			console.log(JSON.stringify({ from: mailFrom.address, to: rcptTo.map(({ address }) => address), message }));
			callback();
		});
	},
});

const listener = server.listen(0, "127.0.0.1", () => console.log(listener.address().port));
process.stdin.on("end", () => process.exit()).resume();
