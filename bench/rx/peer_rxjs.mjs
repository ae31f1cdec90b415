// peer_rxjs.mjs - the chains of chains.c in RxJS, with the same numbers.
//
//     node peer_rxjs.mjs ITEMS [CHAIN]
//
// One JSON line a chain, as there.
import {
	Subject, bufferCount, debounceTime, distinctUntilChanged, filter,
	groupBy, map, merge, mergeMap, of, scan, skip, switchMap, take,
	withLatestFrom, zip,
} from 'rxjs';
import { readFileSync } from 'node:fs';

const CHECKED = 10000;
const WARM = 300000; // the compiler has seen it by then

const twice = (x) => x * 2;
const add = (acc, x) => acc + x;

const chains = [
	['map', 1, ([s]) => s.pipe(map(twice))],
	['map | filter | scan', 1, ([s]) => s.pipe(
		map(twice), filter((x) => x % 4 === 0), scan(add, 0))],
	['skip | take', 1, ([s]) => s.pipe(skip(10), take(1000000000))],
	['distinct_until_changed', 1, ([s]) => s.pipe(
		distinctUntilChanged(undefined, (x) => x - x % 2))],
	['debounce', 1, ([s]) => s.pipe(debounceTime(3600000))],
	['buffer_with_count(100)', 1, ([s]) => s.pipe(bufferCount(100))],
	['flat_map(just)', 1, ([s]) => s.pipe(mergeMap((x) => of(x)))],
	['switch_map(just)', 1, ([s]) => s.pipe(switchMap((x) => of(x)))],
	['group_by(100 keys) | scan', 1, ([s]) => s.pipe(
		groupBy((x) => x % 100),
		mergeMap((group) => group.pipe(scan(add, 0))))],
	['merge', 2, ([s, b]) => merge(s, b)],
	['zip', 2, ([s, b]) => zip(s, b)],
	['with_latest_from', 2, ([s, b]) => s.pipe(withLatestFrom(b))],
];

function numberOf(v) {
	return Array.isArray(v) ? v.reduce((n, x) => n + x, 0) : v;
}

function push(inputs, n) {
	const even = inputs[0];
	const odd = inputs[inputs.length - 1];

	for (let i = 0; i < n; i += 2) {
		even.next(i);
		odd.next(i + 1);
	}
}

function open(nInputs, make, next) {
	const inputs = Array.from({ length: nInputs }, () => new Subject());

	make(inputs).subscribe(next);
	return inputs;
}

function checksumOf(nInputs, make) {
	let checksum = 0;
	const inputs = open(nInputs, make, (v) => {
		checksum = (checksum * 31 + numberOf(v)) % 1000003;
	});

	push(inputs, CHECKED);
	inputs.forEach((input) => input.complete());
	return checksum;
}

const version = JSON.parse(readFileSync(
	new URL('node_modules/rxjs/package.json', import.meta.url))).version;
const items = Number(process.argv[2] || 1000000);
const only = process.argv[3];

for (const [name, nInputs, make] of chains) {
	if (only && only !== name)
		continue;
	let heard = 0;
	const inputs = open(nInputs, make, () => { heard++; });

	push(inputs, WARM);
	const began = process.cpuUsage();
	push(inputs, items);
	const spent = process.cpuUsage(began);
	const ns = (spent.user + spent.system) * 1000 / items;

	inputs.forEach((input) => input.complete());
	console.log(JSON.stringify({
		who: `RxJS ${version}`, chain: name, ns: Number(ns.toFixed(2)),
		checksum: checksumOf(nInputs, make),
	}));
}
process.exit(0);
