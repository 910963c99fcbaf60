// Loaded before Azurite: lets its database remove a blob without sorting all others anew, which takes most of the time of a
// case with thousands of sessions.
const { Collection } = require(require.resolve("lokijs", { paths: [process.argv[1]] }));

Collection.prototype.findAndRemove = function (query) {
	// The last condition is the narrowest: the name, after the account and the container.
	const narrowestFirst = Object.fromEntries(Object.entries(query).reverse());
	for (const item of this.find(narrowestFirst)) this.remove(item);
};
