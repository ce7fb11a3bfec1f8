import Foundation
import PKI
import Primitives
import Revocation
import Synchronization
import Testing

struct ListFetchTests {
    private let made: Lists
    private let lists: RevocationLists
    private let kept: String
    private let server = ScriptedFetcher()
    private let clock = StillClock(Lists.now)
    private static let address = "http://lists.example/a.crl"

    init() throws {
        made = try Lists()
        lists = RevocationLists(made.trust)
        kept = "\(made.folder)/kept"
    }

    private func fetch(
        _ addresses: [String] = [address], into lists: RevocationLists? = nil, limit: Duration = .seconds(60)
    ) throws -> ListFetch {
        let lists = lists ?? self.lists
        return ListFetch(
            lists, folder: RevocationFolder(lists, folder: nil, kept: kept), fetcher: server,
            addresses: ListAddresses(try addresses.map { try #require(WebAddress($0)) }), period: .seconds(14_400), time: clock,
            random: Halves(), limit: limit)
    }

    private func failure(_ outcomes: [RevocationFolder.Outcome]) -> RevocationListError? {
        if case .failure(let error)? = outcomes.first?.result { error } else { nil }
    }

    @Test func fetchedListComesIntoForceAndIsKept() async throws {
        let bytes = try made.bytes(made.write())
        server.answers = [.list(bytes, tag: "\"1\"")]
        let outcome = try #require(await fetch().run(all: false).first)
        let accepted = try outcome.result.get()
        #expect(outcome.file == Self.address)
        #expect(outcome.isNews)
        #expect(lists.list(of: accepted.authority) != nil)
        #expect(try made.bytes("\(kept)/\(Hex.encode(accepted.authority)).crl") == bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: kept).filter { $0.hasPrefix(".") } == [])
    }

    @Test func nothingNewIsAskedForByVersionAndIsNoNews() async throws {
        server.answers = [.list(try made.bytes(made.write()), tag: "\"1\""), .unchanged]
        let fetch = try fetch()
        _ = await fetch.run(all: false)
        let outcome = try #require(await fetch.run(all: true).first)
        #expect(try outcome.result.get().isKnown)
        #expect(!outcome.isNews)
        #expect(server.asked.map(\.known?.tag) == [nil, "\"1\""])
    }

    @Test func versionIsRememberedAcrossRestartsWhileTheListIsInForce() async throws {
        server.answers = [.list(try made.bytes(made.write()), tag: "\"1\""), .unchanged, .unreachable]
        _ = try await fetch().run(all: false)
        let later = RevocationLists(made.trust)
        _ = await RevocationFolder(later, folder: nil, kept: kept).refresh(now: Lists.now)
        _ = try await fetch(into: later).run(all: false)
        // A list that is not in force any more is asked for whole.
        _ = try await fetch(into: RevocationLists(made.trust)).run(all: false)
        #expect(server.asked.map(\.known?.tag) == [nil, "\"1\"", nil])
    }

    @Test(arguments: [FetchFailure.tooLarge, .redirected, .status(404), .unreachable("refused"), .notWritten("No space left on device")])
    func whatCannotBeFetchedLeavesTheListInForce(failure: FetchFailure) async throws {
        let serial: [UInt8] = [0x11, 0x20]
        server.answers = [.list(try made.bytes(made.write(revoked: [serial])), tag: nil), .failure(failure)]
        let fetch = try fetch()
        let authority = try #require(await fetch.run(all: true).first).result.get().authority
        #expect(self.failure(await fetch.run(all: true)) == .notFetched(failure))
        #expect(lists.list(of: authority)?.revoked.entry(of: serial) != nil)
    }

    @Test func serverThatSaysNothingIsGivenUp() async throws {
        server.answers = [.silence]
        #expect(failure(try await fetch(limit: .milliseconds(20)).run(all: false)) == .notFetched(.tooSlow))
    }

    @Test func garbageIsRefusedAndLeavesNoFile() async throws {
        server.answers = [.list(Array("<html>".utf8), tag: "\"1\""), .list([], tag: nil)]
        let fetch = try fetch()
        guard case .malformed? = failure(await fetch.run(all: true)) else { return #expect(Bool(false), "was taken in") }
        guard case .malformed? = failure(await fetch.run(all: true)) else { return #expect(Bool(false), "was taken in") }
        #expect(server.asked.map(\.known) == [nil, nil])
        #expect(try FileManager.default.contentsOfDirectory(atPath: kept).filter { $0 != "fetched.json" } == [])
    }

    @Test func listOfAnotherIssuerAndRolledBackListAreRefused() async throws {
        server.answers = [
            .list(try made.bytes(made.write(number: 9)), tag: nil), .list(try made.bytes(made.write(number: 8)), tag: nil),
            .list(try made.bytes(made.write(by: .root, namedAs: .issuing)), tag: nil),
        ]
        let fetch = try fetch()
        #expect(failure(await fetch.run(all: true)) == nil)
        #expect(failure(await fetch.run(all: true)) == .rolledBack)
        #expect(failure(await fetch.run(all: true)) == .badSignature)
    }

    @Test func failingServerIsAskedLessAndLessOftenAndToldOnce() async throws {
        server.answers = [.unreachable, .unreachable, .unreachable, .list(try made.bytes(made.write()), tag: nil), .unreachable]
        let fetch = try fetch()
        #expect(await fetch.run(all: false).map(\.isNews) == [true])
        clock.advance(seconds: 59)
        #expect(await fetch.run(all: false).isEmpty)
        clock.advance(seconds: 2)
        #expect(await fetch.run(all: false).map(\.isNews) == [false])
        clock.advance(seconds: 61)
        #expect(await fetch.run(all: false).isEmpty)
        clock.advance(seconds: 61)
        #expect(await fetch.run(all: false).map(\.isNews) == [false])
        clock.advance(seconds: 300)
        #expect(await fetch.run(all: false).map(\.isNews) == [true])
        clock.advance(seconds: 14_390)
        #expect(await fetch.run(all: false).isEmpty)
        clock.advance(seconds: 20)
        #expect(await fetch.run(all: false).map(\.isNews) == [true])
    }

    @Test func listThatEndsBeforeThePeriodIsFetchedAgainWhenItEnds() async throws {
        server.answers = [.list(try made.bytes(made.write(life: 3600)), tag: nil), .unreachable]
        let fetch = try fetch()
        _ = await fetch.run(all: false)
        clock.advance(seconds: 3590)
        #expect(await fetch.run(all: false).isEmpty)
        clock.advance(seconds: 20)
        #expect(await fetch.run(all: false).count == 1)
    }

    @Test func addressesComeFromTheAuthoritiesAndFromVerifiedCards() async throws {
        server.answers = [.unreachable, .unreachable]
        let addresses = ListAddresses(namedBy: made.trust)
        addresses.note(try made.certificate(at: Lists.now))
        addresses.note(try made.certificate(at: Lists.now))
        let fetch = ListFetch(
            lists, folder: RevocationFolder(lists, folder: nil, kept: kept), fetcher: server, addresses: addresses, period: .seconds(60),
            time: clock, random: Halves())
        let site = "http://igc-sante.esante.gouv.fr/CRL"
        #expect(await fetch.run(all: false).map(\.file) == ["\(site)/ACR-FO-TEST.crl", "\(site)/ACI-FO-PP-TEST.crl"])
    }
}

/// A server whose answers are written down beforehand, each given once.
final class ScriptedFetcher: ListFetcher {
    enum Answer: Sendable {
        case list([UInt8], tag: String?)
        case unchanged, unreachable, silence
        case failure(FetchFailure)
    }

    private struct State {
        var answers: [Answer] = []
        var asked: [(address: String, known: ListVersion?)] = []
    }

    private let state = Mutex(State())

    var answers: [Answer] {
        get { state.withLock { $0.answers } }
        set { state.withLock { $0.answers = newValue } }
    }
    var asked: [(address: String, known: ListVersion?)] { state.withLock { $0.asked } }

    func fetch(
        _ address: WebAddress, known: ListVersion?, into path: String, largest: Int
    ) async throws(FetchFailure) -> ListVersion? {
        let answer = state.withLock { state in
            state.asked.append((address.text, known))
            return state.answers.isEmpty ? Answer.unreachable : state.answers.removeFirst()
        }
        switch answer {
        case .list(let bytes, let tag):
            do throws(FileError) { try PlainFile.create(path, bytes) } catch { throw .notWritten(error.reason) }
            return ListVersion(tag: tag, modified: nil)
        case .unchanged: return nil
        case .unreachable: throw .unreachable("refused")
        case .silence:
            try? await Task.sleep(for: .seconds(3600))
            throw .unreachable("woken")
        case .failure(let failure): throw failure
        }
    }
}

/// A clock that moves only when a test moves it.
final class StillClock: TimeSource {
    private let state: Mutex<(wall: Timestamp, boot: Duration)>

    init(_ start: Timestamp) { state = Mutex((start, .seconds(1000))) }

    func now() -> Timestamp { state.withLock { $0.wall } }
    func sinceBoot() -> Duration { state.withLock { $0.boot } }
    func awake() -> Duration { sinceBoot() }

    func advance(seconds: Int64) {
        state.withLock { $0 = ($0.wall.advanced(bySeconds: seconds), $0.boot + .seconds(seconds)) }
    }
}

/// The middle of every range: jitter that changes nothing.
struct Halves: RandomSource {
    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { $0 == 0 ? 0x7F : 0xFF } }
}
