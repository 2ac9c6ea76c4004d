// Every limit of the program, with the arithmetic that justifies it. No bare number stands elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/units.hpp"

namespace wsblast::limits {

// --- rings (transport, ring) ---------------------------------------------------------------------

// The kernel refuses a fixed-file table larger than RLIMIT_NOFILE; a core that needs more opens more rings.
inline constexpr std::uint32_t kTableSizeMax = 65'536;
// Two 64-byte SQEs a message and five a connection attempt; a full queue is submitted early, never an
// error.
inline constexpr std::uint32_t kSqEntries = 4'096;
// Since Linux 6.10 a tick takes at most max(20, wait_nr) pieces of task work; older kernels are unbounded,
// and there the overflow list takes the rest.
inline constexpr std::uint32_t kCqEntries = 16'384;
// Buffers a ring offers to the kernel: more than four of the longest batches.
inline constexpr std::uint32_t kReceiveBuffers = 512;
inline constexpr std::uint32_t kReceiveBufferBytes = 4'096;
// The longest batch that a wait may ask for, and the longest it may hold an answer back for it.
inline constexpr std::uint32_t kWaitBatchMax = 64;
inline constexpr TimeNs kWaitBatchNs = 100 * kMicrosecond;
static_assert(kWaitBatchMax <= kReceiveBuffers / 2, "a wait must not use up the buffers it waits for");
// Accepts armed at a time: as many connections are taken in one tick. What is behind them waits in the
// backlog.
inline constexpr std::uint32_t kAcceptsArmed = 16;
inline constexpr int kListenBacklog = 4'096;
// --backlog: 16 bits; the kernel lowers it to net.core.somaxconn.
inline constexpr int kListenBacklogMax = 65'535;
// Addresses that a server may listen on.
inline constexpr std::uint32_t kListenersMax = 16;
// After a failed accept (no descriptor, no memory) the next one waits: the reason does not pass in a tick.
inline constexpr TimeNs kAcceptPauseNs = 10 * kMillisecond;
// How long the kernel's stamps are read with the same idea of the wall clock: a step makes them wrong for
// so long. Reading both clocks three times takes some 0.2 us, 0.002 % of that.
inline constexpr TimeNs kStampClockNs = 10 * kMillisecond;
// Bytes do not wait longer to be read: an older stamp is one of a stepped clock.
inline constexpr TimeNs kStampAgeMaxNs = 10 * kSecond;

// --- sending -------------------------------------------------------------------------------------

// What one connection may hand over in a tick: one send of that size.
inline constexpr std::uint32_t kSendBytesMax = 64 * kKiB;
// What all connections of a ring may hand over in a tick; beyond it reserve() fails until the next tick.
inline constexpr std::uint32_t kArenaBytes = 4 * kMiB;
static_assert(kArenaBytes >= 8 * kSendBytesMax);
// Address space (touched only when used) for bytes that the kernel did not take, for each worker.
inline constexpr std::size_t kSpillBytesMax = std::size_t{4} << 30;

// --- protocol ------------------------------------------------------------------------------------

// RFC 6455 bounds neither; these do. A head of 16 KiB holds 100 headers of 160 bytes.
inline constexpr std::size_t kHttpHeadMax = 16 * kKiB;
inline constexpr std::size_t kHttpHeadersMax = 100;
// --bearer-file: half of a head.
inline constexpr std::size_t kBearerTokenMax = kHttpHeadMax / 2;
// --header-csv: a million rows of 128 bytes.
inline constexpr std::size_t kValueFileMax = 128 * kMiB;
// What is kept of the body of a refused upgrade: the first line or two, to be shown to a person.
inline constexpr std::size_t kBodyExcerptMax = 256;
// The wait for a body that does not come with its head: a server writes both at once or soon after each
// other, and the next segment is there a round trip later at most.
inline constexpr TimeNs kBodyExcerptWaitNs = 300 * kMillisecond;
// The largest message that is accepted from a peer.
inline constexpr std::uint64_t kMessageBytesMax = 64 * kMiB;
// --max-message may allow so much: a message is counted, not kept.
inline constexpr std::uint64_t kMessageBytesAllowed = std::uint64_t{1} << 40;
// What is inflated at a time: larger messages come in pieces of it, so that no bomb takes more.
inline constexpr std::size_t kInflatedPieceBytes = 64 * kKiB;
// zlib's levels: of what is compressed once before a run, and of each answer of the target.
inline constexpr int kDeflateLevelOnce = 9;
inline constexpr int kDeflateLevelEach = 1;
// Of the deflaters that remember (zlib's memLevel): one takes 150 KiB where the usual 8 takes 262, as fast,
// and messages of 4 KiB become 0.7 % larger, those of 150 bytes not at all (docs/robustness.md).
inline constexpr int kDeflateMemoryLevel = 5;
// The largest message that is put together for a JSON match; a YMERA answer has some 200 bytes.
inline constexpr std::size_t kAssembledBytesMax = 1 * kMiB;
// The largest message that is sent (--size, --message-file): a template is copied into one send.
inline constexpr std::size_t kSentMessageMax = 48 * kKiB;

// --- JavaScript ----------------------------------------------------------------------------------

// What the script of one core may keep, all its users together: 2 KiB each of 500,000, and as much again.
inline constexpr std::size_t kScriptHeapBytes = std::size_t{2} << 30;
// New objects die young: a nursery that stays in the L2 cache, some 1,000 calls between two collections.
inline constexpr std::size_t kScriptNurseryBytes = 1 * kMiB;
// Threads have 8 MiB; Node.js gives a script 984 KiB.
inline constexpr std::size_t kScriptStackBytes = 1 * kMiB;
// A slice of the collector: what a tick may take of itself.
inline constexpr std::uint32_t kScriptSliceMs = 1;
// A collection begins where the heap has grown by half, and by so much: 10,000 users that have ended.
inline constexpr std::size_t kScriptGarbageBytes = 4 * kMiB;
// Calls between two looks at the heap's size, which cost 1 us each.
inline constexpr std::uint32_t kScriptHeapLookCalls = 4'096;
// How often a call that does not end is looked at: an eighth of what it may take, within these bounds.
inline constexpr TimeNs kScriptWatchMinNs = 1 * kMillisecond;
inline constexpr TimeNs kScriptWatchMaxNs = 10 * kMillisecond;
// setTimeout and setInterval: of all users of a core. 20,000 users may have 50 each.
inline constexpr std::size_t kScriptTimersMax = 1'000'000;
// Node.js's: less is 1 ms, more than 31 bits of milliseconds is 1 ms too.
inline constexpr TimeNs kScriptTimerMinNs = 1 * kMillisecond;
// A text that leaves a script: 12 MiB of UTF-8 at most, in memory that stays.
inline constexpr std::size_t kScriptTextUnits = std::size_t{4} << 20;
// A script file; a bundle of many modules has some MiB.
inline constexpr std::size_t kScriptFileMax = 16 * kMiB;

// --- TLS -----------------------------------------------------------------------------------------

// What one record may carry (RFC 8446 5.1), and the byte behind it that says what that is: what a read may
// bring at once.
inline constexpr std::size_t kTlsRecordBytes = 16 * kKiB + 1;
// Address space (touched only when used) for records of which a part has come, for each worker: 32,768 of
// the longest, in chunks of 32 KiB.
inline constexpr std::size_t kTlsPartialBytesMax = std::size_t{1} << 30;
// Tickets kept for each URL and core: more than handshakes are in flight at the start, some 2 KiB each.
inline constexpr std::size_t kTlsTicketsMax = 64;
// Sends of a connection after which its keys change, of at most five records each (kSendBytesMax): below
// half of the 2^24.5 records that AES-GCM may encrypt with one key (RFC 8446 5.5).
inline constexpr std::uint32_t kTlsKeyUpdateAfter = 2 * 1024 * 1024;

// --- runs ----------------------------------------------------------------------------------------

// Handshakes in flight, over all workers: below the 511 that node and nginx take as their backlog.
inline constexpr std::uint32_t kHandshakesMax = 256;
// Of each worker, while nothing is known of the path: on loopback more only queue at the target, whose
// turns then delay what is due (send lag p99 of 100,000 connections on two shared cores: 1.2 ms with 128,
// 0.5 with 24).
inline constexpr std::uint32_t kHandshakesStart = 24;
// What opening a connection takes of a core: so many are worth having in flight as fit into a round trip.
inline constexpr TimeNs kHandshakeCostNs = 20 * kMicrosecond;
// Connections opened in one tick, some 20 us each: what is due to be sent meanwhile waits no longer than
// 0.3 ms.
inline constexpr std::uint32_t kOpensPerTick = 16;
// Closing handshakes that a worker begins before others have ended: all of them take far less than the time
// that each of them has (kCloseTimeoutNs).
inline constexpr std::uint32_t kClosesMax = 1'024;
// Local ports that a run leaves alone where it can: for the DNS look-ups, health checks and shells of
// others.
inline constexpr std::uint16_t kPortsLeftToOthers = 1'024;
// Source pairs that are tried for one connection before it fails as no_free_source_port.
inline constexpr std::uint32_t kSourceTriesMax = 64;
// Addresses a --source-ip range may stand for: times 28,000 ports, far more than kConnectionsMax.
inline constexpr std::uint32_t kSourceAddressesMax = 65'536;
inline constexpr std::uint64_t kConnectionsMax = 10'000'000;
// What one end of an idle connection takes: of a million, each end took 4,839 bytes of the kernel and at
// most 289 of ours (docs/capacity.md).
inline constexpr std::uint64_t kConnectionBytes = 5 * kKiB;
// What TLS takes besides, of ours: an idle connection was seen to take 3,566 bytes (docs/robustness.md),
// and 21,663 where OpenSSL stays for the records (AES-CCM; 15,856 with AES-CBC).
inline constexpr std::uint64_t kTlsConnectionBytes = 4 * kKiB;
inline constexpr std::uint64_t kTlsOpensslBytes = 22 * kKiB;
// Virtual users that the phases of a scenario file begin: 2,000/s for six days. None of them is stored
// before it begins.
inline constexpr std::uint64_t kUsersMax = 1'000'000'000;
inline constexpr TimeNs kCloseTimeoutNs = 1 * kSecond;
// --pong-timeout, unless it is given: as long as an answer may take.
inline constexpr TimeNs kPongTimeoutNs = 5 * kSecond;
// Runs of open messages a worker can remember beyond the first of each connection: 64 Mi entries of 32
// bytes of address space; an entry is touched when it is used.
inline constexpr std::uint32_t kOpenRunsMax = 64 * 1024 * 1024;
// Connections that TCP is asked about, of a whole run: a percentile of them means something, and the two
// system calls for each cost nothing.
inline constexpr std::uint64_t kTcpSampleMax = 256;
// Messages that timed out are remembered, so that a late answer is told from a second one: for that long
// after their timeout, and in so many runs of them a worker, of 32 bytes each.
inline constexpr TimeNs kLateAnswersNs = 60 * kSecond;
inline constexpr std::uint32_t kOverdueRunsMax = 1024 * 1024;
// Where only the value in an answer tells what it answers: so many messages back a second answer is known
// as one.
inline constexpr std::uint64_t kValuesLookedAt = 1'024;
// Published messages that listeners can look up, over all publishers, and at least of each: 16 bytes each,
// and 32 a worker. A thousand messages/s are known for a minute.
inline constexpr std::uint64_t kPublishedKnownMax = 65'536;
inline constexpr std::uint64_t kPublishedKnownMin = 16;
// Timers that fire in one tick: what they send reaches the kernel before the next ones are looked at.
inline constexpr std::uint32_t kTimersPerTick = 512;
// The scheduler's turn of a worker, where it shares its core: a tenth of the send lag that is allowed.
inline constexpr TimeNs kTurnNs = 100 * kMicrosecond;
// A connection that was closed only to be opened again tries again so long after a failure, then twice as
// long, up to the second: a server that is restarting is not hammered, and is met within its first seconds.
inline constexpr TimeNs kReopenFirstNs = 100 * kMillisecond;
inline constexpr TimeNs kReopenMaxNs = 5 * kSecond;
// Connections that are reset in one tick, and looked at for it: some 5 us each, so what is due meanwhile
// waits no longer than 1 ms.
inline constexpr std::uint32_t kDropsPerTick = 128;
inline constexpr std::uint32_t kLooksPerTick = 16'384;
// So many failures in a row without one success, all alike, end the run early.
inline constexpr std::uint32_t kHopelessFailures = 200;
inline constexpr std::size_t kTimelineRowsMax = 3'600;
// --follow-redirects: as many as browsers follow for a page are not met on the way to a WebSocket.
inline constexpr std::uint8_t kRedirectsMax = 10;
// Addresses that redirects of a worker have named: each costs a request of its own, of some 400 bytes.
inline constexpr std::size_t kRedirectTargetsMax = 65'536;
// How often a target is asked before the run for where it redirects to, and how long that may take: four
// answers show what a balancer of a few hosts does.
inline constexpr std::uint32_t kRedirectLooks = 4;
inline constexpr TimeNs kRedirectLookNs = 5 * kSecond;
// --misbehave: between two bytes, or two messages, of those that send; a message of 100 bytes takes 5 s.
inline constexpr TimeNs kBadSendNs = 50 * kMillisecond;
// Between two looks of one that reads slowly, each of which takes what one multishot receive does at once:
// 32 buffers, 128 KiB.
inline constexpr TimeNs kSlowReadNs = 1 * kSecond;
// What a frame announces that is meant to be too large.
inline constexpr std::uint64_t kOversizedBytes = kMiB * kMiB;
// When a run is over, those that do not read look once more for what has become of them, for so long.
inline constexpr TimeNs kLastLookNs = 200 * kMillisecond;
// Handshakes of them in flight, of each worker: they are not to slow the others down.
inline constexpr std::uint32_t kBadHandshakesMax = 8;

// --- scenario files ------------------------------------------------------------------------------

// A scenario file, or JSON on the command line: the longest that are written by hand have some 5,000 lines.
inline constexpr std::size_t kScriptBytesMax = 4 * kMiB;
// Nodes of its tree, aliases expanded, some 200 bytes each: 50 MB. A file of that size has fewer unless it
// was made to.
inline constexpr std::size_t kScriptNodesMax = 250'000;
// Bytes of its texts, aliases expanded.
inline constexpr std::size_t kScriptExpandedMax = 16 * kMiB;
// Lists and maps in each other: below what recursion may take of a stack of 8 MiB, above what anyone reads.
inline constexpr std::size_t kScriptDepthMax = 64;
// Each takes some 200 bytes, and who is due when is looked up among them.
inline constexpr std::size_t kPhasesMax = 10'000;
// A phase, and all of them, take a year at most; and what a phase may ask for.
inline constexpr TimeNs kPhaseNsMax = 31'536'000 * kSecond;
inline constexpr double kUsersPerSecondMax = 1e6;
// Cells of all payload files, some 80 bytes each.
inline constexpr std::size_t kPayloadCellsMax = 10'000'000;

// --- scenario files: steps, texts, messages --------------------------------------------------------

// Loops within loops: each costs a user 16 bytes from its first step on.
inline constexpr std::uint32_t kLoopDepthMax = 8;
// Steps and variables of a file: numbers of 32 and of 16 bits, and no file that a person wrote has more.
inline constexpr std::size_t kActionsMax = 1'000'000;
inline constexpr std::size_t kSlotsMax = 65'000;
// Objects and arrays within each other, in a payload and in a JSONPath's filter: the loader recurses.
inline constexpr std::uint32_t kNestingMax = 64;
// What a regular expression may try on one message (PCRE2's match limit): some 10 ms of a core at most.
inline constexpr std::uint32_t kRegexpStepsMax = 1'000'000;
// Groups of one, each 16 bytes of each core, and the length of its text.
inline constexpr std::uint32_t kRegexpGroupsMax = 128;
inline constexpr std::size_t kRegexpBytesMax = 64 * kKiB;
// $randomString
inline constexpr std::uint64_t kRandomStringMax = 4'096;
// Steps of a JSONPath, and the values that one looks at in a message: some 10 ms at most.
inline constexpr std::size_t kPathStepsMax = 64;
inline constexpr std::size_t kPathVisitsMax = 1'000'000;
// Messages a second of one user (wsblast: rate): more than one connection can send.
inline constexpr double kStreamPerSecondMax = 1'000'000;
// A JSONPath's hits on one message: what is beyond is not looked at.
inline constexpr std::size_t kPathHitsMax = 4'096;

// --- searches ------------------------------------------------------------------------------------

// Connections that `capacity` opens at most unless it is told otherwise: some 8 GiB where both ends are
// here.
inline constexpr std::uint32_t kCapacityMax = 1'000'000;
// The first plateau; from there on they double: 11 of them to a million.
inline constexpr std::uint64_t kPlateauFirst = 1'000;
// With --step: each takes a second or more.
inline constexpr std::uint64_t kPlateausMax = 1'000;
// Of all connections, asked at each plateau: if 0.3 % of them are dead, 95 of 100 such samples show it.
inline constexpr std::uint32_t kProbeSample = 1'000;
// Messages/s of a probe: it is to find the dead, not to load the living.
inline constexpr double kProbeRatePerS = 5'000;
// Between probes while connections are held.
inline constexpr TimeNs kHoldProbeNs = 5 * kSecond;
// A plateau gives when more attempts fail, or more connections are lost, than both of these.
inline constexpr std::uint64_t kGivesCount = 20;
inline constexpr std::uint64_t kGivesPercent = 1;
// What a host must keep: below it the kernel kills somebody, and it might be us or the target.
inline constexpr std::uint64_t kMemoryFloorBytes = 256 * kMiB;
// The way back from a storm is over when nobody has come back for so many connect timeouts.
inline constexpr std::uint32_t kStormPatience = 3;

// --- target --------------------------------------------------------------------------------------

// From the accepted connection to a whole request.
inline constexpr TimeNs kUpgradeTimeoutNs = 10 * kSecond;
// What a client that asked to be disconnected has for its close.
inline constexpr TimeNs kDisconnectGraceNs = 5 * kSecond;
// What a client that does not read may leave unsent before it is closed: an echo of the largest message
// that is put together, and as much again. For all clients of a worker together (address space): 256 of
// them.
inline constexpr std::size_t kBacklogBytesMax = 2 * kAssembledBytesMax;
inline constexpr std::size_t kBacklogPoolBytes = 256 * kBacklogBytesMax;
// Names of channels of /broadcast over the life of a server, and the longest: 65,536 of 128 bytes take 16
// MiB.
inline constexpr std::uint32_t kChannelsMax = 65'536;
inline constexpr std::size_t kChannelNameMax = 128;
// Broadcast messages on their way from one worker to another, for each pair and direction: three of the
// largest, or what 20,000/s of 1 KiB are in 0.2 s. 240 pairs of 16 workers: 1 GiB of address space.
inline constexpr std::size_t kMailboxBytes = 4 * kMiB;
static_assert(kMailboxBytes >= 3 * (kAssembledBytesMax + 32), "an empty mailbox takes the largest message");
// Answers that are held back on purpose (--delay, --stall), of a worker: address space.
inline constexpr std::size_t kDelayedBytesMax = std::size_t{4} << 30;
// An answer that is to be overtaken by the next one waits no longer for it.
inline constexpr TimeNs kReorderWaitNs = 50 * kMillisecond;
// How long before a delayed answer is due the target stops to wait and looks at the clock instead: waits of
// 200 us were seen to end 18 to 25 us late, and with 60 us of this, answers after 5 and 50 ms on a virtual
// CPU that had gone to sleep still left 66 to 104 us late.
inline constexpr TimeNs kWakeUpNs = 250 * kMicrosecond;
// So long after the last message a target with a --service-time still looks at the clock: a message to a
// CPU that sleeps would be read late (see kWakeUpNs), and its queue would begin late.
inline constexpr TimeNs kServiceAwakeNs = 2 * kMillisecond;
// --servers: each answer costs as many comparisons as the number has bits.
inline constexpr std::uint32_t kServersMax = 1'000;
// --accept-rate: what was not accepted for so long, because the thread slept or was busy, is made up for.
inline constexpr TimeNs kAcceptBurstNs = 5 * kMillisecond;
// --accept-rate: a tick accepts one connection of each socket, so a tick may take 20 us.
inline constexpr double kAcceptsPerSecondMax = 50'000;
// --burn: over so long a time the rate is told, and how long the CPU may be burnt for one answer.
inline constexpr TimeNs kBurnWindowNs = 100 * kMillisecond;
inline constexpr TimeNs kBurnMaxNs = 100 * kMillisecond;
// --at-limit wait: a place that another core has given back is noticed that late.
inline constexpr TimeNs kPlacePollNs = 10 * kMillisecond;
// Unasked messages to each connection: a worker sends some hundred thousand messages/s to all of them.
inline constexpr std::uint64_t kPushesPerSecondMax = 100'000;
// --port 0: ports that are tried until one is free on every address.
inline constexpr int kPortTriesMax = 16;

// --- scenario files -------------------------------------------------------------------------------

// Virtual users at the same time: 128 bytes of address space for each, and rings as they are needed.
inline constexpr std::uint64_t kUsersAtOnceMax = 1'000'000;
// Connections above twice as many as there are users: those whose closing handshake takes its time, while
// users come and go. A ring's worth.
inline constexpr std::uint64_t kClosingAtOnce = 10'000;
// Names that a run meets: errors by their text, and what JavaScript emits. A histogram is 8 bytes for each
// bucket that is used.
inline constexpr std::size_t kNamedMetricsMax = 256;
inline constexpr std::size_t kMetricNameMax = 160;
// What a user has captured, in all of a worker's users: address space, touched as it is used.
inline constexpr std::size_t kUserBytesMax = std::size_t{16} << 30;
// A text with its variables filled in; more is a failure of its user.
inline constexpr std::size_t kUserTextMax = kMiB;
// Actions that a user executes without a wait before others have their turn: an endless loop without one
// then takes some 100 us of each tick.
inline constexpr std::uint32_t kActionsPerTurn = 256;
// Users that begin in one tick: with a JavaScript call of 2 us each, less than a millisecond.
inline constexpr std::uint32_t kUserStartsPerTick = 256;
// A call of JavaScript that takes longer is ended, unless the script says otherwise.
inline constexpr TimeNs kCallTimeoutNs = 1 * kSecond;
// A function that was stopped so often fails at once from then on: each stop keeps all users of its core
// waiting for kCallTimeoutNs.
inline constexpr std::uint32_t kScriptStopsMax = 3;
// A call of JavaScript that has not said that it is done (done(), or its promise) fails: longer than any
// think time that a script makes with setTimeout.
inline constexpr TimeNs kDoneTimeoutNs = 60 * kSecond;
// How long a user waits for room for a message that it has to send: as long as it awaits an answer, unless
// the script says otherwise.
inline constexpr TimeNs kBlockedTimeoutNs = 10 * kSecond;
// What JavaScript has sent on a connection that has no room, and waits: as much as a server takes at once.
inline constexpr std::size_t kScriptPendingMax = 4 * kMiB;
// A held user that failed is followed by another one after a pause, which doubles as long as they fail.
inline constexpr TimeNs kHeldPauseFirstNs = 100 * kMillisecond;
inline constexpr TimeNs kHeldPauseMaxNs = 5 * kSecond;
// Messages that a user keeps for its next await (wsblast: queue), and bytes of all of them.
inline constexpr std::size_t kQueuedMessagesMax = 16;

// --- statistics ----------------------------------------------------------------------------------

// Two lines of 64 bytes: the processor's prefetcher fetches them in pairs.
inline constexpr std::size_t kCacheLineBytes = 128;
// Of the bodies of refused upgrades: enough to recognise the server's words, once for each status.
inline constexpr std::size_t kExcerptBytesMax = 256;
inline constexpr std::size_t kExcerptsMax = 8;
// A closed loop of fewer messages says nothing about throughput.
inline constexpr std::uint64_t kClosedLoopMessagesMin = 1'000;

// --- watching the backend -------------------------------------------------------------------------

// CPU of a process is told in clock ticks of 10 ms: less than ten of them is wrong by more than a tenth.
inline constexpr double kBackendCpuSecondsMin = 0.1;
// Of its threads, those that a report shows.
inline constexpr std::size_t kBackendThreadsMax = 16;
// Processes that are read: 0.1 ms each with a few threads.
inline constexpr std::size_t kBackendProcessesMax = 256;
// New children are looked for so often: the workers of a server live longer.
inline constexpr TimeNs kBackendSearchNs = 1 * kSecond;
// A Prometheus endpoint is asked so often, and has so long for its answer, of at most that size: exporters
// of thousands of series write some 100 bytes for each.
inline constexpr TimeNs kScrapeIntervalNs = 1 * kSecond;
inline constexpr TimeNs kScrapeTimeoutNs = 1 * kSecond;
inline constexpr std::size_t kScrapeBytesMax = 16 * kMiB;
// What perf has for its start until it samples, and for its end until its data is written: both take tens
// of milliseconds on a quiet machine.
inline constexpr TimeNs kProfilerPatienceNs = 10 * kSecond;
// Bytes of the stack that perf copies for each sample, to unwind what was built without frame pointers:
// some 20 calls deep. 97 samples/s of a core are 0.4 MB/s.
inline constexpr std::uint32_t kProfilerStackBytes = 4'096;

}  // namespace wsblast::limits
