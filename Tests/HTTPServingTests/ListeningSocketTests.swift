import Foundation
import HTTPServing
import Synchronization
import Testing

struct ListeningSocketTests {
    private final class Binding: Sendable {
        let isOver = Mutex(false)
    }

    private let folder = FileManager.default.temporaryDirectory.appending(path: "listening-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func path(_ name: String) -> String { folder.appending(path: name).path() }

    private func mode(_ name: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int)
    }

    @Test func theSocketHasTheModeThatWasAskedFor() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let socket = try ListeningSocket.bound(path: path("s"), mode: 0o640)
        defer { close(socket.descriptor) }
        #expect(try mode("s") == 0o640)
        socket.remove()
    }

    @Test func filesThatOthersMakeMeanwhileKeepTheirMode() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (binding, socketPath) = (Binding(), path("s"))
        let thread = Thread {
            for _ in 0..<1000 {
                guard let socket = try? ListeningSocket.bound(path: socketPath, mode: 0o600) else { break }
                socket.remove()
                close(socket.descriptor)
            }
            binding.isOver.withLock { $0 = true }
        }
        thread.start()
        var modes: Set<Int> = []
        while !binding.isOver.withLock({ $0 }) {
            let descriptor = open(path("file"), O_CREAT | O_WRONLY, 0o600)
            modes.insert(try mode("file"))
            close(descriptor)
            unlink(path("file"))
        }
        #expect(modes == [0o600])
    }
}
