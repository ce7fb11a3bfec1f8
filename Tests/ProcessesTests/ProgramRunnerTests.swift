import Processes
import Testing

@Suite struct ProgramRunnerTests {
    private func shell(_ script: String, limit: Duration = .seconds(20)) -> ProgramRunner {
        ProgramRunner(["/bin/sh", "-c", script, "sh"], name: "test", limit: limit)
    }

    @Test func whatItPrintsIsTakenWithItsExitCode() async throws {
        let (status, printed) = try await shell("cat; echo \"$1\"; exit 3").run(Array("in ".utf8), with: ["8999"], room: 100)
        #expect(status == 3)
        #expect(printed == Array("in 8999\n".utf8))
    }

    @Test func moreThanThereIsRoomForIsThrownAway() async throws {
        let (status, printed) = try await shell("head -c 300000 /dev/zero").run(room: 10)
        #expect(status == 0)
        #expect(printed == [UInt8](repeating: 0, count: 10))
    }

    @Test func withoutRoomNothingIsTaken() async throws {
        #expect(try await shell("echo hello").run().1.isEmpty)
    }

    @Test func whatIsPrintedToTheErrorStreamIsNot() async throws {
        #expect(try await shell("echo oops >&2").run(room: 100).1.isEmpty)
    }

    @Test func aProgramThatTakesTooLongIsKilled() async {
        await #expect(throws: ProgramFailure.tooSlow) {
            try await shell("echo begun; exec sleep 600", limit: .milliseconds(200)).run(room: 100)
        }
    }

    @Test func aProgramThatIsNotThereIsSaidSo() async {
        await #expect(throws: ProgramFailure.unable("No such file or directory")) {
            try await ProgramRunner(["/nowhere/program"], name: "test", limit: .seconds(5)).run()
        }
    }

    @Test func aProgramThatClosesItsOutputAndGoesOnIsWaitedFor() async throws {
        let (status, printed) = try await shell("echo early; exec >&- <&-; sleep 0.2; exit 4").run(room: 100)
        #expect(status == 4)
        #expect(printed == Array("early\n".utf8))
    }
}
