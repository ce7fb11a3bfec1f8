import DatagramListening
import Glibc
import Logging
import Primitives
import Synchronization
import Systemd
import Testing

struct JournalLogTests {
    private let level = LogLevelInForce(.info)
    private let lines = Lines()

    private func logger(to path: String?) throws -> Logger {
        let journal = try path.map { try #require(JournalLog("tested", path: $0)) }
        return Logger(label: "tested") { _ in ServiceLogHandler(level, journal: journal, text: TextHandler(lines: lines)) }
    }

    @Test func anEntryHasItsFields() throws {
        let listener = try DatagramListener(isAbstract: true)
        try logger(to: listener.path).warning("no copy kept", metadata: ["reason": "full\ndisk", "list.file-1": "a.crl"])
        let entry = try #require(Entry(listener.next()))
        #expect(entry["MESSAGE"] == ["no copy kept list.file-1=a.crl reason=full\ndisk"])
        #expect(entry["PRIORITY"] == ["4"])
        #expect(entry["SYSLOG_IDENTIFIER"] == ["tested"])
        #expect(entry["CODE_FILE"] == ["SystemdTests/JournalLogTests.swift"])
        #expect(entry["CODE_LINE"]?.first.flatMap { Int($0) } != nil)
        #expect(entry["CPS_REASON"] == ["full\ndisk"])
        #expect(entry["CPS_LIST_FILE_1"] == ["a.crl"])
        #expect(lines.all.isEmpty)
    }

    @Test(arguments: [
        (Logger.Level.trace, "7"), (.debug, "7"), (.info, "6"), (.notice, "5"), (.warning, "4"), (.error, "3"), (.critical, "2"),
    ])
    func everyLevelHasItsPriority(_ said: Logger.Level, _ priority: String) throws {
        level.set(.trace)
        let listener = try DatagramListener(isAbstract: true)
        try logger(to: listener.path).log(level: said, "said")
        #expect(Entry(listener.next())?["PRIORITY"] == [priority])
    }

    @Test func whatAnEntryMayHoldIsBounded() throws {
        let listener = try DatagramListener(isAbstract: true)
        let metadata = Dictionary(
            uniqueKeysWithValues: (0..<40).map { ("key\($0)", Logger.MetadataValue.string(String(repeating: "é", count: 50_000))) })
        let long = String(repeating: "k", count: 200)
        let logger = try logger(to: listener.path)
        logger.error("\(String(repeating: "m", count: 50_000))", metadata: metadata)
        let entry = try #require(Entry(listener.next()))
        #expect(entry.filter { $0.key.hasPrefix("CPS_") }.count == 16)
        #expect(entry.values.joined().allSatisfy { $0.utf8.count <= 8194 })
        logger.error("said", metadata: [long: "v"])
        #expect(Entry(listener.next())?[String(("CPS_" + long.uppercased()).prefix(64))] == ["v"])
        #expect(lines.all.isEmpty)
    }

    @Test func anErrorIsAField() throws {
        let listener = try DatagramListener(isAbstract: true)
        try logger(to: listener.path).error("failed", error: FileError("/a", ENOENT))
        #expect(Entry(listener.next())?["CPS_ERROR"]?.first?.contains("/a") == true)
    }

    @Test func whatTheLoggerHasIsSaidWithEachEntryAndWhatIsSaidComesFirst() throws {
        let listener = try DatagramListener(isAbstract: true)
        var logger = try logger(to: listener.path)
        logger[metadataKey: "request"] = "7"
        logger[metadataKey: "reader"] = "one"
        logger.info("said", metadata: ["reader": "two"])
        let entry = try #require(Entry(listener.next()))
        #expect(entry["CPS_REQUEST"] == ["7"])
        #expect(entry["CPS_READER"] == ["two"])
        #expect(logger[metadataKey: "request"] == "7")
    }

    @Test(arguments: ["/nowhere/journal", nil]) func withoutTheJournalLinesAreText(_ path: String?) throws {
        var logger = try logger(to: path)
        logger[metadataKey: "request"] = "7"
        logger.info("said", metadata: ["reader": "one"])
        #expect(lines.all == ["info said reader=one request=7"])
    }

    @Test func aJournalThatDoesNotReadDelaysNobody() throws {
        let listener = try DatagramListener(isAbstract: true)
        let logger = try logger(to: listener.path)
        // More than any queue of datagrams holds.
        for number in 0..<5000 where lines.all.isEmpty { logger.info("\(number)") }
        #expect(!lines.all.isEmpty)
    }

    @Test func aPathThatIsNoneIsNoJournal() { #expect(JournalLog("tested", path: String(repeating: "a", count: 200)) == nil) }

    @Test func theLevelChangesForEveryLoggerAtOnce() throws {
        let (one, other) = (try logger(to: nil), try logger(to: nil))
        level.set(.warning)
        one.info("one")
        other.info("other")
        #expect(lines.all.isEmpty)
        level.set(.debug)
        one.debug("one")
        other.debug("other")
        #expect(lines.all == ["debug one", "debug other"])
    }

    @Test func theLevelOfOneLoggerIsItsOwn() throws {
        let other = try logger(to: nil)
        var one = other
        one.logLevel = .error
        one.info("one")
        other.info("other")
        #expect(lines.all == ["info other"])
        #expect(one.logLevel == .error)
    }

    @Test func onlyTheStreamThatWasToldOfIsTheJournal() throws {
        let stream = open("/dev/null", O_RDONLY)
        defer { close(stream) }
        let told = try #require(FileIdentity(descriptor: stream)).journalStream
        #expect(JournalLog.isStream(stream, told: told))
        #expect(!JournalLog.isStream(stream, told: nil))
        #expect(!JournalLog.isStream(stream, told: ""))
        #expect(!JournalLog.isStream(stream, told: "1:\(told)"))
        #expect(!JournalLog.isStream(-1, told: told))
    }
}

/// Fields of an entry with their values, from the datagram.
private typealias Entry = [String: [String]]

extension Entry {
    fileprivate init?(_ datagram: [UInt8]?) {
        guard var rest = datagram?[...] else { return nil }
        self = [:]
        while let end = rest.firstIndex(of: 0x0A) {
            let name = String(decoding: rest[..<end], as: UTF8.self)
            let length = rest[(end + 1)...].prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
            let value = rest[(end + 9)...].prefix(length)
            guard value.count == length, rest.dropFirst(value.endIndex - rest.startIndex).first == 0x0A else { return nil }
            self[name, default: []].append(String(decoding: value, as: UTF8.self))
            rest = rest[(value.endIndex + 1)...]
        }
    }
}

private final class Lines: Sendable {
    private let state = Mutex<[String]>([])

    var all: [String] { state.withLock { $0 } }

    func add(_ line: String) { state.withLock { $0.append(line) } }
}

/// In the place of standard error.
private struct TextHandler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.trace

    init(lines: Lines) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        lines.add((["\(event.level)", "\(event.message)"] + fields).joined(separator: " "))
    }
}
