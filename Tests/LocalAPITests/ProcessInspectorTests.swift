import Crypto
import Foundation
import Glibc
import Platform
import Primitives
import Sessions
import Synchronization
import Testing

@testable import LocalAPI

/// Programs of our own are looked at as callers are. `cat` waits for its input.
struct ProcessInspectorTests {
    private let inspector = ProcessInspector(digests: ExecutableDigests())

    /// A copy of `cat` under a name of its own, running, and its input.
    private func running(_ body: (_ process: Process, _ path: String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cps-inspector-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appending(path: "program")
        try FileManager.default.copyItem(atPath: "/bin/cat", toPath: program.path)
        let process = Process()
        process.executableURL = program
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // What it gives back shows that it runs its own program and no longer ours.
        try input.fileHandleForWriting.write(contentsOf: Data("x".utf8))
        _ = try output.fileHandleForReading.read(upToCount: 1)
        try body(process, try #require(realPath(program.path)))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    private func realPath(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    private func descriptor(_ pid: Int32) throws -> Int32 {
        let descriptor = platform_open_process(pid)
        try #require(descriptor >= 0)
        return descriptor
    }

    private func facts(
        _ process: PeerProcess, uid: UInt32 = geteuid(), digest: Bool = true, _ inspector: ProcessInspector? = nil
    ) -> ClientFacts {
        (inspector ?? self.inspector).facts(of: process, uid: uid, gid: 4242) { _ in digest }
    }

    @Test(arguments: [true, false]) func runningProgramIsKnownByNameAndDigest(isPinned: Bool) throws {
        try running { process, path in
            let pid = process.processIdentifier
            let found = facts(isPinned ? .pinned(try descriptor(pid)) : .unpinned(pid: pid))
            #expect(found.executable == path)
            #expect(found.sha256 == Hex.encode(SHA256.hash(data: try Data(contentsOf: URL(filePath: "/bin/cat")))))
            #expect(found.groups.isSuperset(of: [4242, getegid()]))
        }
    }

    @Test func digestIsReadOnlyWhenItIsAskedFor() throws {
        try running { process, path in
            let found = facts(.unpinned(pid: process.processIdentifier), digest: false)
            #expect((found.executable, found.sha256) == (path, nil))
        }
    }

    @Test func programThatWasReplacedHasNoName() throws {
        try running { process, path in
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(atPath: "/bin/cat", toPath: path)
            let found = facts(.unpinned(pid: process.processIdentifier))
            #expect(found.executable == nil)
            #expect(found.sha256 != nil)
        }
    }

    @Test func processThatIsOverHasNothingButItsCredentials() throws {
        var pinned: Int32 = -1
        try running { process, _ in pinned = try descriptor(process.processIdentifier) }
        #expect(facts(.pinned(pinned)) == ClientFacts(uid: geteuid(), groups: [4242]))
        #expect(facts(.gone) == ClientFacts(uid: geteuid(), groups: [4242]))
    }

    @Test func processThatEndsMeanwhileHasNothingButItsCredentials() throws {
        try running { process, _ in
            let pid = process.processIdentifier
            let watched = try descriptor(pid)
            defer { close(watched) }
            let ending = ProcessInspector(digests: ExecutableDigests()) {
                kill(pid, SIGKILL)
                var entry = pollfd(fd: watched, events: Int16(POLLIN), revents: 0)
                poll(&entry, 1, -1)
            }
            let found = facts(.pinned(try descriptor(pid)), ending)
            #expect(found == ClientFacts(uid: geteuid(), groups: [4242]))
        }
    }

    @Test func numberThatWasGivenAwayMeanwhileFitsNothing() throws {
        // A folder shaped like /proc, in which the process under this number becomes another.
        let folder = FileManager.default.temporaryDirectory.appending(path: "cps-proc-\(UUID().uuidString)")
        let own = folder.appending(path: "77")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let status = "Name:\tx\nUid:\t5\t5\t5\t5\nGid:\t6\t6\t6\t6\nGroups:\t7 8\n"
        try status.write(to: own.appending(path: "status"), atomically: true, encoding: .utf8)
        let stat = own.appending(path: "stat")
        let start: @Sendable (Int) -> String = { ticks in
            "77 (a) b) S " + Array(repeating: "0", count: 18).joined(separator: " ") + " \(ticks) 0"
        }
        try start(100).write(to: stat, atomically: true, encoding: .utf8)
        try "0::/system.slice/records.service\n".write(to: own.appending(path: "cgroup"), atomically: true, encoding: .utf8)
        let digests = ExecutableDigests()
        let calm = ProcessInspector(digests: digests, root: folder.path)
        #expect(
            facts(.unpinned(pid: 77), uid: 5, calm) == ClientFacts(uid: 5, groups: [4242, 6, 7, 8], units: ["records.service"]))
        // Of another user than the one who connected.
        #expect(facts(.unpinned(pid: 77), uid: 4, calm) == ClientFacts(uid: 4, groups: [4242]))
        let reused = ProcessInspector(digests: digests, root: folder.path) {
            try? start(101).write(to: stat, atomically: true, encoding: .utf8)
        }
        #expect(facts(.unpinned(pid: 77), uid: 5, reused) == ClientFacts(uid: 5, groups: [4242]))
    }

    @Test func programThatIsExchangedMeanwhileFitsNothing() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cps-exec-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (go, done) = (folder.appending(path: "go").path, folder.appending(path: "done").path)
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        // It becomes another program, under the same number, when it is told to.
        shell.arguments = ["-c", "mkfifo \(go); : > \(done); read x < \(go); exec cat"]
        let input = Pipe()
        shell.standardInput = input
        try shell.run()
        while access(done, F_OK) != 0 { usleep(1000) }
        let pid = shell.processIdentifier
        let before = try #require(Executable.identity("/proc/\(pid)"))
        let inspector = ProcessInspector(digests: ExecutableDigests()) {
            try? "x\n".write(toFile: go, atomically: false, encoding: .utf8)
            while Executable.identity("/proc/\(pid)") == before { usleep(1000) }
        }
        #expect(facts(.pinned(try descriptor(pid)), inspector) == ClientFacts(uid: geteuid(), groups: [4242]))
        try input.fileHandleForWriting.close()
        shell.waitUntilExit()
    }
}

struct ProcessStatusTests {
    private static let stat = "1 (x) S " + Array(repeating: "0", count: 18).joined(separator: " ") + " 9"

    @Test(arguments: [
        ("", stat), ("Uid:\t1\nGid:\t1\nGroups:\t\n", stat), ("Uid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\n", stat),
        ("Uid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t\n", "1 (x"), ("Uid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nGroups:\t\n", "1 (x) S 0"),
    ])
    func halfADescriptionIsNone(status: String, stat: String) { #expect(ProcessStatus(status: status, stat: stat) == nil) }

    @Test func userIsTheEffectiveOne() throws {
        let found = try #require(ProcessStatus(status: "Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t9\n", stat: Self.stat))
        #expect((found.uid, found.groups) == (2, [6, 9]))
    }
}
