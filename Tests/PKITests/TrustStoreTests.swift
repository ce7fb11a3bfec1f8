import Foundation
import OpenSSLCommand
import PKI
import Primitives
import Testing

struct TrustStoreTests {
    private let pki: Hierarchy

    init() throws { pki = try Hierarchy.test.get() }

    private func problem(_ folder: String) -> TrustStoreError? {
        do throws(TrustStoreError) {
            _ = try TrustStore.load(folder: folder)
            return nil
        } catch {
            return error
        }
    }

    private func text(_ file: String) throws -> String { String(decoding: try pki.command.bytes(file), as: UTF8.self) }

    @Test func selfSignedOnesAreAnchorsAndOthersIntermediates() throws {
        let store = try pki.store()
        #expect(store.environment == .test)
        #expect(store.anchors.map(\.isAuthority) == [true])
        #expect(store.intermediates.map(\.isAuthority) == [true])
        #expect(store.anchors.first?.subject == store.intermediates.first?.issuer)
    }

    @Test func derFilesAndBundlesAreRead() throws {
        let folder = "der-\(UUID().uuidString)"
        try pki.command.write("", to: "\(folder)/.hidden")
        try Data(pki.command.bytes("root.der")).write(to: URL(fileURLWithPath: pki.command.path("\(folder)/root.cer")))
        #expect(try TrustStore.load(folder: pki.command.path(folder)).anchors.count == 1)
        let bundle = "bundle-\(UUID().uuidString)"
        try pki.command.write(try text("root.pem") + text("issuing.pem") + text("root.pem"), to: "\(bundle)/all.pem")
        let store = try TrustStore.load(folder: pki.command.path(bundle) + "/")
        #expect(store.anchors.count == 1)
        #expect(store.intermediates.count == 1)
    }

    @Test(arguments: ["", "/anchors"])
    func separateFoldersForIntermediatesAreFound(suffix: String) throws {
        let folder = "split-\(UUID().uuidString)"
        try pki.command.write(try text("root.pem"), to: "\(folder)/anchors/root.pem")
        try pki.command.write(try text("issuing.pem"), to: "\(folder)/intermediates/issuing.pem")
        try pki.command.write("secret", to: "\(folder)/private/root.key")
        let store = try TrustStore.load(folder: pki.command.path(folder) + suffix)
        #expect(store.anchors.count == 1)
        #expect(store.intermediates.count == 1)
    }

    @Test func selfSignedIntermediateIsRefused() throws {
        let folder = "swapped-\(UUID().uuidString)"
        try pki.command.write(try text("root.pem"), to: "\(folder)/intermediates/root.pem")
        #expect(problem(pki.command.path(folder))?.problem == .anchorAmongIntermediates)
    }

    @Test func testAndProductionTogetherAreRefusedByName() throws {
        let folder = "mixed-\(UUID().uuidString)"
        try pki.command.write(try text("root.pem"), to: "\(folder)/a-test.pem")
        let production = try Hierarchy.production.get().command.bytes("issuing.pem")
        try pki.command.write(String(decoding: production, as: UTF8.self), to: "\(folder)/b-production.pem")
        let path = pki.command.path(folder)
        let error = problem(path)
        #expect(error?.problem == .mixedEnvironments(first: "\(path)/a-test.pem"))
        #expect(error?.file == "\(path)/b-production.pem")
        #expect(error?.remedy.english.isEmpty == false)
    }

    @Test func folderWithoutAnchorIsRefused() throws {
        #expect(problem(try pki.folder(["issuing"]))?.problem == .noAnchor)
        #expect(problem(try pki.folder([]))?.problem == .unreadable("No such file or directory"))
    }

    @Test func leafAmongTheAuthoritiesIsRefused() throws {
        let folder = try pki.folder(["root"], "leaf-\(UUID().uuidString)")
        try Data(pki.leaf("stray")).write(to: URL(fileURLWithPath: folder + "/stray.der"))
        #expect(problem(folder)?.problem == .notAnAuthority)
        #expect(problem(folder)?.file == folder + "/stray.der")
    }

    @Test(arguments: ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "0123"])
    func fileThatIsNoCertificateIsNamed(content: String) throws {
        let folder = try pki.folder(["root"], "junk-\(UUID().uuidString)")
        try Data(content.utf8).write(to: URL(fileURLWithPath: folder + "/notes.txt"))
        #expect(problem(folder)?.problem == .notACertificate)
        #expect(problem(folder)?.file == folder + "/notes.txt")
    }

    @Test func sizesAndCountsAreLimited() throws {
        let folder = try pki.folder(["root"], "large-\(UUID().uuidString)")
        try Data(repeating: 0x30, count: TrustStore.fileSizeLimit + 1).write(to: URL(fileURLWithPath: folder + "/large.der"))
        #expect(problem(folder)?.problem == .tooLarge(limit: TrustStore.fileSizeLimit))
        let many = "many-\(UUID().uuidString)"
        let root = try text("root.pem")
        for index in 0...TrustStore.fileCountLimit { try pki.command.write(root, to: "\(many)/\(index).pem") }
        #expect(problem(pki.command.path(many))?.problem == .tooManyFiles(limit: TrustStore.fileCountLimit))
    }

    @Test func pipeIsNotWaitedFor() throws {
        let folder = try pki.folder(["root"], "pipe-\(UUID().uuidString)")
        #expect(mkfifo(folder + "/pipe", 0o600) == 0)
        #expect(problem(folder)?.problem == .unreadable("not a regular file"))
    }
}
