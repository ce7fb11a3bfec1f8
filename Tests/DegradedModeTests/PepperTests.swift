import DegradedMode
import Foundation
import KeyFiles
import Primitives
import Testing

struct PepperTests {
    private let folder: String
    private var path: String { "\(folder)/keys/pepper" }

    init() throws {
        folder = NSTemporaryDirectory() + "/pepper-\(SystemRandom().opaqueID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    @Test func itIsMadeOnceForItsOwnerAlone() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (first, isNew) = try Pepper.open(path, random: SystemRandom())
        let (second, isNewAgain) = try Pepper.open(path, random: SystemRandom())
        #expect(isNew && !isNewAgain)
        #expect(first.id == second.id)
        let file = try PlainFile.reading(path)
        #expect(try file.isPrivate())
        let hash = try await PasswordHasher(pepper: first, cost: .least, random: SystemRandom()).hash(typed("mot de passe"), of: "a")
        let again = PasswordHasher(pepper: second, cost: .least, random: SystemRandom())
        #expect(try await again.compare(typed("mot de passe"), with: hash, of: "a") == .fits(isOutdated: false))
    }

    @Test func aLostOneIsToldFromTheOldHashes() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (first, _) = try Pepper.open(path, random: SystemRandom())
        let hash = try await PasswordHasher(pepper: first, cost: .least, random: SystemRandom()).hash(typed("mot de passe"), of: "a")
        try FileManager.default.removeItem(atPath: path)
        let (second, isNew) = try Pepper.open(path, random: SystemRandom())
        #expect(isNew)
        #expect(!PasswordHasher(pepper: second, cost: .least, random: SystemRandom()).knowsPepper(of: hash))
    }

    @Test func oneThatOthersMayReadIsNotUsed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try Pepper.open(path, random: SystemRandom())
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect(throws: Pepper.Problem.file(.exposed(path: path))) { _ = try Pepper.open(path, random: SystemRandom()) }
    }

    @Test(arguments: ["", "\n", "cps-agent-pepper-1 00 11\n", "cps-agent-pepper-2 IDIDIDIDIDIDIDID KEY\n"])
    func aDamagedOneIsNotMadeAnew(content: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try Pepper.open(path, random: SystemRandom())
        try PlainFile.replace(path, Array(content.utf8))
        #expect(throws: Pepper.Problem.damaged(path: path)) { _ = try Pepper.open(path, random: SystemRandom()) }
    }

    @Test func aHugeFileOrALinkIsRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try Pepper.open(path, random: SystemRandom())
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: path)
        #expect(throws: Pepper.Problem.self) { _ = try Pepper.open("\(folder)/link", random: SystemRandom()) }
        try PlainFile.replace(path, [UInt8](repeating: 0x30, count: 1_000_000))
        #expect(throws: Pepper.Problem.self) { _ = try Pepper.open(path, random: SystemRandom()) }
        #expect(throws: Pepper.Problem.self) { _ = try Pepper.open("\(folder)/none/none/pepper", random: SystemRandom()) }
    }
}
