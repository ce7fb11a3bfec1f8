import DatagramListening
import Glibc
import Primitives
import Systemd
import Testing

struct ServiceManagerTests {
    @Test func whoeverWantsToHearIsTold() async throws {
        let listener = try DatagramListener(isAbstract: true)
        let manager = try #require(try ServiceManager(environment: ["NOTIFY_SOCKET": listener.path], processID: 7))
        for notice in [ServiceNotice.ready("Readers: 2"), .watchdog, .stopping] { try await manager.tell(notice) }
        #expect(listener.nextText() == "READY=1\nSTATUS=Readers: 2")
        #expect(listener.nextText() == "WATCHDOG=1")
        #expect(listener.nextText() == "STOPPING=1")
        #expect(manager.watchdog == nil)
    }

    @Test func aLongStartAsksForMoreTimeAgainAndAgain() async throws {
        let listener = try DatagramListener(isAbstract: true)
        let manager = try #require(try ServiceManager(environment: ["NOTIFY_SOCKET": listener.path], processID: 7))
        let heard = await manager.extendingStart(every: .milliseconds(1)) { [listener.nextText(), listener.nextText()] }
        #expect(heard == ["EXTEND_TIMEOUT_USEC=60000000", "EXTEND_TIMEOUT_USEC=60000000"])
    }

    @Test func aStartThatNeverEndsIsGivenNoMoreTime() async throws {
        let listener = try DatagramListener(isAbstract: true)
        let manager = try #require(try ServiceManager(environment: ["NOTIFY_SOCKET": listener.path], processID: 7))
        try await manager.extendingStart(every: .milliseconds(1), by: .seconds(1), atMost: 1) {
            #expect(listener.nextText() == "EXTEND_TIMEOUT_USEC=1000000")
            // Several intervals of the timer pass while this one is told and heard.
            for _ in 0..<50 {
                try await manager.tell(.watchdog)
                #expect(listener.nextText() == "WATCHDOG=1")
            }
        }
    }

    @Test(arguments: ["", "relative", "vsock:2:1234"])
    func nobodyIsToldWhereThereIsNoUnixSocket(_ path: String) throws {
        #expect(try ServiceManager(environment: ["NOTIFY_SOCKET": path], processID: 7) == nil)
        #expect(try ServiceManager(environment: [:], processID: 7) == nil)
    }

    @Test func aSocketThatIsGoneIsAnError() async throws {
        let manager = try #require(try ServiceManager(environment: ["NOTIFY_SOCKET": "/nowhere/notify"], processID: 7))
        await #expect(throws: FileError("/nowhere/notify", ENOENT)) { try await manager.tell(.watchdog) }
    }

    @Test(arguments: [
        ("30000000", nil, Duration.seconds(30)), ("30000000", "7", .seconds(30)), ("30000000", "8", nil), ("0", "7", nil), ("-5", nil, nil),
        ("soon", nil, nil),
    ])
    func theWatchdogIsForTheProcessThatIsMeant(_ microseconds: String, _ process: String?, _ expected: Duration?) throws {
        var environment = ["NOTIFY_SOCKET": "@nobody", "WATCHDOG_USEC": microseconds]
        environment["WATCHDOG_PID"] = process
        #expect(try ServiceManager(environment: environment, processID: 7)?.watchdog == expected)
    }

    @Test func whatTheManagerLeftIsNotHandedOn() throws {
        setenv("NOTIFY_SOCKET", "@nobody", 1)
        setenv("WATCHDOG_USEC", "2000000", 1)
        setenv("WATCHDOG_PID", "\(getpid())", 1)
        #expect(try ServiceManager.taken()?.watchdog == .seconds(2))
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] { #expect(getenv(name) == nil) }
        #expect(try ServiceManager.taken() == nil)
    }

    @Test(arguments: [
        (ServiceNotice.reloading(since: .seconds(3) + .microseconds(7)), "RELOADING=1\nMONOTONIC_USEC=3000007"),
        (.status("two\nlines\r\nand READY=1"), "STATUS=two lines and READY=1"), (.ready("a\nSTOPPING=1"), "READY=1\nSTATUS=a STOPPING=1"),
    ])
    func noticesAreAssignments(_ notice: ServiceNotice, _ text: String) { #expect(notice.text == text) }
}
