// Values of Prisma Client that JSON has none of, as objects with one field: {"$bigint": "1"}, {"$bytes": "00ff"},
// {"$date": "2023-07-06T05:04:03.021Z"}, {"$decimal": "1.5"}, {"$number": "-0"}, {"$jsonNull": true}, {"$dbNull": true}.

const decoders = {
	$bigint: BigInt,
	$bytes: (hex) => Uint8Array.from(Buffer.from(hex, "hex")),
	$date: (text) => new Date(text),
	$decimal: (text) => text,
	$number: Number,
};

export function decode(value, nulls) {
	if (Array.isArray(value)) return value.map((item) => decode(item, nulls));
	const [tag, content] = only(value);
	if (tag in nulls) return nulls[tag];
	return tag in decoders ? decoders[tag](content) : value;
}

function only(value) {
	const fields = value !== null && typeof value === "object" ? Object.entries(value) : [];
	return fields.length === 1 ? fields[0] : ["", null];
}

export function encode(value) {
	if (typeof value === "bigint") return { $bigint: `${value}` };
	if (Object.is(value, -0) || (typeof value === "number" && !Number.isFinite(value))) {
		return { $number: Object.is(value, -0) ? "-0" : `${value}` };
	}
	if (value === null || typeof value !== "object") return value;
	if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? "invalid" : value.toISOString() };
	if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
	if (typeof value.toFixed === "function") return { $decimal: value.toFixed() };
	if (Array.isArray(value)) return value.map(encode);
	return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, encode(field)]));
}
