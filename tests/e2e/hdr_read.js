// A reader of HdrHistograms that is not ours: {"log": an interval log, "texts": {name: base64}} on standard
// input becomes {"log": {tag: ...}, "texts": {name: ...}}, where each histogram is told by its figures and
// by its buckets that are not empty; of a tag's intervals their sum. node hdr_read.js
const hdr = require('hdr-histogram-js');

const kBits = 64; // a count may be large

function describe(histogram, intervals) {
  const buckets = [];
  for (let index = 0; index < histogram.countsArrayLength; ++index) {
    const count = histogram.getCountAtIndex(index);
    if (count > 0) buckets.push([index, count]);
  }
  return {
    count: histogram.totalCount,
    p50: histogram.getValueAtPercentile(50),
    p99: histogram.getValueAtPercentile(99),
    max: histogram.maxValue,
    digits: histogram.numberOfSignificantValueDigits,
    buckets,
    intervals,
  };
}

function readLog(content) {
  const reader = new hdr.HistogramLogReader(content, kBits);
  const sums = {};
  for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram()) {
    sums[next.tag] ??= { sum: null, intervals: [] };
    const tag = sums[next.tag];
    if (tag.sum) tag.sum.add(next);
    else tag.sum = next;
    tag.intervals.push([next.startTimeStampMsec, next.endTimeStampMsec]);
  }
  return Object.fromEntries(
    Object.entries(sums).map(([tag, read]) => [tag, describe(read.sum, read.intervals)]));
}

const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const texts = Object.entries(input.texts)
  .map(([name, text]) => [name, describe(hdr.decodeFromCompressedBase64(text, kBits), [])]);
console.log(JSON.stringify({ log: readLog(input.log), texts: Object.fromEntries(texts) }));
