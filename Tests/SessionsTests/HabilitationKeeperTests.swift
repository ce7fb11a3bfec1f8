import Audit
import ConfigurationFile
import Foundation
import Glibc
import Habilitation
import Primitives
import Sessions
import TestSupport
import Testing

/// The file of a matrix, read, changed and spoilt.
@Suite(.timeLimit(.minutes(5)))
final class HabilitationKeeperTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "rights-\(UUID().uuidString)").path()

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var path: String { "\(folder)/habilitations.yaml" }
    private var file: MatrixFile { MatrixFile(path, agent: geteuid()) }

    private static let narrow = "rules: {one: {grant: ['record:read']}}\n"
    private static let wide = "rules: {one: {grant: ['record:read', 'record:write']}}\n"

    private func write(_ text: String, mode: mode_t = 0o644) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, mode)
    }

    private func keeper(_ world: SessionWorld) throws -> HabilitationKeeper {
        let (matrix, version) = try file.load()
        world.rights.replace(by: matrix)
        let reports = world.reports
        return HabilitationKeeper(
            world.rights, file: file, version: version, registry: world.registry, time: world.clock, report: { reports.add($0) })
    }

    @Test func changedFileComesIntoForceAndReachesLiveTokens() async throws {
        let world = try await SessionWorld()
        try write(Self.wide)
        let keeper = try keeper(world)
        try await world.open(try Sample.session("s1"))
        let token = try await world.token(scopes: [.recordWrite])
        await keeper.look()
        #expect(await world.isActive(token))
        try write(Self.narrow)
        await keeper.look()
        #expect(await !world.isActive(token))
        let trace = try #require(world.ledger.traces(of: .habilitationLoaded).first)
        #expect(trace.detail?["sha256"]?.string == world.rights.matrix.sha256)
        #expect(trace.detail?["file"]?.string == path)
        #expect(trace.detail?["roles"] == [:])
        #expect(world.ledger.events.last == .sessionReassessed)
        await keeper.look()
        #expect(world.ledger.traces(of: .habilitationLoaded).count == 1)
    }

    @Test func traceSaysWhoHasWhichRole() async throws {
        let world = try await SessionWorld()
        try write(Self.wide)
        let keeper = try keeper(world)
        try write(Self.wide + "\npeople: {\"899700245667\": [review, administration]}")
        await keeper.look()
        let trace = try #require(world.ledger.traces(of: .habilitationLoaded).last)
        #expect(trace.detail?["roles"] == ["899700245667": ["administration", "review"]])
    }

    @Test func rolesOfVeryManyAreOnlyCounted() throws {
        let people = (0..<257).map { "\"8\(100_000_000_000 + $0)\": [review]" }.joined(separator: ", ")
        let matrix = try HabilitationMatrix(bytes: Array((Self.wide + "\npeople: {\(people)}").utf8))
        let trace = HabilitationKeeper.loaded(matrix, "f", at: Timestamp(seconds: 0))
        #expect(trace.detail?["people"] == 257)
        #expect(trace.detail?["roles"] == nil)
    }

    @Test(arguments: [
        "rules: {one: {grant: 'a b'}}", "rules: [", "", "rules: {one: {grant: 'x'}}\nsamples: {s: {deny: 'x'}}",
    ])
    func badFileLeavesTheOldOneInForceAndSaysSo(text: String) async throws {
        let world = try await SessionWorld()
        try write(Self.wide)
        let keeper = try keeper(world)
        let before = world.rights.matrix.sha256
        #expect(await keeper.warning == nil)
        try write(text)
        await keeper.look()
        await keeper.look()
        #expect(world.rights.matrix.sha256 == before)
        let traces = world.ledger.traces(of: .habilitationFileRefused)
        #expect(traces.count == 1)
        #expect(traces.first?.outcome == .failed)
        #expect(traces.first?.detail?["in_force"]?.string == before)
        #expect(traces.first?.detail?["problems"]?.array?.count == 1)
        let warning = try #require(await keeper.warning)
        #expect(warning.english.contains(path) && warning.french.contains("a été refusé") && warning.french.contains(path))
        #expect(await keeper.json(in: .english)["refused"]?["problems"]?.array?.count == 1)
        #expect(await keeper.json(in: .english)["sha256"]?.string == before)
        #expect(world.reports.all.count == 1)
        try write(Self.wide)
        await keeper.look()
        #expect(await keeper.warning == nil)
        #expect(await keeper.json(in: .english)["refused"] == .null)
    }

    @Test func fileThatVanishesLeavesTheOldOneInForce() async throws {
        let world = try await SessionWorld()
        try write(Self.wide)
        let keeper = try keeper(world)
        try FileManager.default.removeItem(atPath: path)
        await keeper.look()
        #expect(await keeper.warning?.english.contains("cannot be read: No such file or directory") == true)
        #expect(world.rights.matrix.rights(for: Facts(mode: .card)).scopes.count == 2)
    }

    @Test(arguments: [0o664, 0o646, 0o666] as [mode_t])
    func fileThatOthersMayWriteIsRefusedWithItsRemedy(mode: mode_t) throws {
        try write(Self.wide, mode: mode)
        let error = try #require(throws: ConfigurationError.self) { try self.file.load() }
        #expect(error.description == "file: may be written by others than its owner: chmod go-w \(path)")
    }

    @Test func fileOfAnotherUserIsRefusedWithItsRemedy() throws {
        try write(Self.wide)
        try #require(geteuid() != 0 || chown(path, 4711, 4711) == 0)
        let file = MatrixFile(path, agent: 4712)
        let error = try #require(throws: ConfigurationError.self) { try file.load() }
        #expect(error.description.contains("must belong to root or the agent's user: chown root \(path)"))
    }

    @Test func fileOfTheAgentsUserIsTaken() throws {
        try write(Self.wide)
        try #require(geteuid() != 0 || chown(path, 4711, 4711) == 0)
        #expect(throws: Never.self) { try MatrixFile(self.path, agent: geteuid() == 0 ? 4711 : geteuid()).load() }
    }

    @Test func folderAndPipeAreNoFile() throws {
        #expect(throws: ConfigurationError.self) { try MatrixFile(self.folder, agent: 0).load() }
        let pipe = "\(folder)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let error = try #require(throws: ConfigurationError.self) { try MatrixFile(pipe, agent: geteuid()).load() }
        #expect(error.description == "file: is not a regular file")
    }

    @Test func fileThatWasWrittenJustNowIsLeftForTheNextLook() async throws {
        try write(Self.wide)
        let (_, version) = try file.load()
        try write(Self.narrow)
        let written = try #require(FileIdentity(path: path)).modified / 1_000_000
        guard case .unsettled = await file.look(past: version, now: written + 299) else { return #expect(Bool(false)) }
        guard case .loaded = await file.look(past: version, now: written + 300) else { return #expect(Bool(false)) }
        // A clock that is behind the file's does not keep it out for ever.
        guard case .loaded = await file.look(past: version, now: written - 1) else { return #expect(Bool(false)) }
    }

    @Test func builtInMatrixHasNoFileToLookAt() async throws {
        let world = try await SessionWorld()
        let keeper = HabilitationKeeper(
            .builtIn, file: nil, version: nil, registry: world.registry, time: world.clock, report: { _ in })
        await keeper.look()
        #expect(await keeper.json(in: .english)["source"] == "built_in")
        #expect(await keeper.json(in: .english)["file"] == .null)
        #expect(world.ledger.traces.isEmpty)
    }
}
