import APIContract
import AgentClient
import Commands
import Foundation
import Primitives
import ScriptedAgent

/// A console without a terminal: what is written is kept, what is read was prepared.
final class RecordingConsole: Console {
    enum Prepared {
        case line(String)
        case end
        case interrupted(Int32)
    }

    private(set) var output = ""
    private(set) var errors = ""
    private(set) var prompts: [String] = []
    private(set) var echoes: [Bool] = []
    private(set) var stops: [Int32] = []
    /// How often it would have waited.
    private(set) var pauses = 0
    private var input: [String]
    /// Answers to questions; `nil` without a terminal.
    private var replies: [Prepared]?

    /// - Parameter isWatched: whether a person sees what is written.
    init(input: [String] = [], replies: [Prepared]? = nil, isWatched: Bool = false) {
        self.isWatched = isWatched
        self.input = input
        self.replies = replies
    }

    let isWatched: Bool

    func out(_ bytes: [UInt8]) { output += String(decoding: bytes, as: UTF8.self) }

    func err(_ text: String) { errors += text }

    func secretLine(limit: Int) throws(ConsoleFailure) -> Secret? {
        guard !input.isEmpty else { return nil }
        return try Self.secret(input.removeFirst(), limit)
    }

    func ask(_ prompt: String, echo: Bool, limit: Int) throws(ConsoleFailure) -> Reply {
        guard let next = replies?.first else { return replies == nil ? .noTerminal : .end }
        replies?.removeFirst()
        prompts.append(prompt)
        echoes.append(echo)
        switch next {
        case .line(let text): return .line(try Self.secret(text, limit))
        case .end: return .end
        case .interrupted(let signal): return .interrupted(signal)
        }
    }

    func pause(_ duration: Duration) { pauses += 1 }

    func stop(by signal: Int32) { stops.append(signal) }

    private static func secret(_ text: String, _ limit: Int) throws(ConsoleFailure) -> Secret {
        guard text.utf8.count <= limit else { throw ConsoleFailure(reason: Text("the line has more than \(limit) bytes")) }
        return Secret(count: text.utf8.count) { $0.copyBytes(from: text.utf8) }
    }

    /// The one JSON document on standard output; `nil` when it is anything else.
    var document: JSON? {
        guard output.last == "\n", output.dropLast().allSatisfy({ $0 != "\n" }) else { return nil }
        return try? JSONDecoder().decode(JSON.self, from: Data(output.utf8))
    }
}

/// A run of `cpsctl` against an agent that follows a script.
struct Run {
    let console: RecordingConsole
    let exit: Int32
    let agent: ScriptedAgent

    init(
        _ arguments: String, _ console: RecordingConsole = RecordingConsole(), environment: [String: String] = [:],
        time: any TimeSource = SystemTime(), workstation: any Workstation = FakeWorkstation(),
        _ script: @escaping @Sendable (SeenRequest) -> ScriptedAgent.Step = { _ in .problem(.notFound) }
    ) throws {
        try self.init(
            arguments.split(separator: " ").map(String.init), console, environment: environment, time: time,
            workstation: workstation, script)
    }

    init(
        _ arguments: [String], _ console: RecordingConsole = RecordingConsole(), environment: [String: String] = [:],
        time: any TimeSource = SystemTime(), workstation: any Workstation = FakeWorkstation(),
        _ script: @escaping @Sendable (SeenRequest) -> ScriptedAgent.Step = { _ in .problem(.notFound) }
    ) throws {
        agent = try ScriptedAgent(script)
        self.console = console
        let environment = environment.merging(["CPS_AGENT_SOCKET": agent.socket]) { own, _ in own }
        exit = CommandLineTool.run(arguments, environment: environment, console: console, time: time, workstation: workstation)
    }
}

/// What agents answer.
enum Sample {
    static let holder: JSON = [
        "national_id": "899900063480", "rpps": "99900063480", "family_name": "LIBRE", "given_name": "MAX",
        "profession": ["code": "10", "label": "Médecin"],
    ]

    static let session: JSON = [
        "id": "S1", "state": "active", "mode": "card", "reader": "Virtual PCD 00 00", "holder": holder, "scopes": ["record:read"],
        "opened_at": "2026-03-01T08:00:00.000Z", "expires_at": "2026-03-01T20:00:00.000Z", "ended_at": .null, "end_reason": .null,
    ]

    static let opened: JSON = [
        "session": session, "access_token": "e.y.J", "expires_in": 120, "token_type": "Bearer", "scope": "record:read",
    ]

    static func login(tries: Int64 = 3, consent: String? = nil, keypad: Bool = false) -> JSON {
        .members([
            "id": "L1", "state": "awaiting_pin", "reader": "Virtual PCD 00 00", "holder": holder, "tries_left": .int(tries), "test": true,
            "keypad": .bool(keypad),
            "last_try_consent": consent.map(JSON.string),
        ])
    }

    static func reader(_ card: String, id: String = "r1") -> JSON {
        ["id": .string(id), "name": .string("Reader \(id)"), "kind": "usb", "keypad": false, "allowed": true, "card": .string(card)]
    }

    static func card(_ state: String, tries: JSON = 3, code: String? = nil, until end: String = "2030-01-01T00:00:00.000Z") -> JSON {
        .members([
            "reader": "Reader r1", "state": .string(state), "insertion": "I1", "generation": "cps4", "serial": "1", "holder": holder,
            "tries_left": tries, "certificate": ["not_before": "2025-01-01T00:00:00.000Z", "not_after": .string(end)],
            "code": code.map(JSON.string),
        ])
    }
}

/// A clock that stands still.
struct FixedTime: TimeSource {
    func now() -> Timestamp { Timestamp("2026-03-01T12:00:00.000Z") ?? Timestamp(seconds: 0) }
    func sinceBoot() -> Duration { .seconds(1) }
    func awake() -> Duration { .seconds(1) }
}
