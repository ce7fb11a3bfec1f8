import AgentClient
import Foundation
import FoundationNetworking

// Who is here, a login, a token, a call with it, and the card that leaves.
//
//     example-client AUDIENCE [URL]      with a URL, it is called with the token

@main
struct WhoIsHere {
    let agent: CPSAgent
    let audience: String

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard (2...3).contains(arguments.count) else { quit("usage: example-client AUDIENCE [URL]") }
        let socket = ProcessInfo.processInfo.environment["CPS_AGENT_SOCKET"] ?? CPSAgent.standardSocket
        let program = WhoIsHere(agent: CPSAgent(socket: socket, language: .english), audience: arguments[1])
        do {
            try await program.run(url: arguments.count == 3 ? arguments[2] : nil)
        } catch let error as AgentError {
            quit("\(error.title)\n\(error.remedy) (\(error.code))\(error.detail.map { "\n\($0)" } ?? "")")
        }
    }

    func run(url: String?) async throws {
        let status = try await agent.status()
        print("CPS Agent \(status.version) on \(status.workstation)")
        for reader in status.readers { print("\(reader.name): \(reader.card)") }

        let opened = try await logIn()
        let session = opened.session
        guard session.state != .profileRequired else { quit("choose a situation first: CPSAgent.choose") }
        print("session of \(session.holder.displayName): \(session.scopes.joined(separator: " "))")

        if let url = url.flatMap(URL.init(string:)) {
            let token = try await agent.token(session: session.id, audience: audience)
            print("\(url): \(try await Self.call(url, with: token))")
        }

        print("waiting for the card to leave")
        fflush(nil)
        print("over: \(try await reasonOfEnd(of: session.id))")
        if let token = opened.token { print("token still good: \(try await agent.introspect(token.value).isActive)") }
    }

    private func logIn() async throws -> OpenedSession {
        let login = try await agent.beginLogin(audience: audience)
        print("\(login.holder.displayName), PIN tries left: \(login.triesLeft.map { "\($0)" } ?? "unknown")")
        var consent = login.lastTryConsent
        while true {
            if consent != nil,
                Terminal.line("This is the last try, a wrong PIN blocks the card. Go on? [y/N] ", echo: true) != Array("y".utf8)
            {
                try await agent.cancel(login)
                quit("given up")
            }
            var digits = Terminal.line("PIN: ", echo: false)
            let pin = AgentPIN(wiping: &digits)
            do throws(AgentError) {
                return try await agent.enterPIN(pin, for: login, lastTryConsent: consent)
            } catch {
                // A person decides about each try, having read how many are left.
                guard ["pin_wrong", "pin_format", "pin_tries_changed", "last_try_consent_required"].contains(error.code) else {
                    throw error
                }
                print("\(error.title); PIN tries left: \(error.triesLeft.map { "\($0)" } ?? "-")")
                consent = error.lastTryConsent
            }
        }
    }

    private func reasonOfEnd(of session: String) async throws -> String {
        for try await event in try await agent.events() {
            switch event.kind {
            // What is not in it is gone.
            case .state(let sessions, _) where !sessions.contains { $0.id == session }: return "before"
            case .session(let ended) where ended.id == session && ended.state == .ended: return ended.endReason ?? "-"
            default: break
            }
        }
        return "the agent stopped"
    }

    /// The status that a server answers with.
    private static func call(_ url: URL, with token: AgentToken) async throws -> Int {
        var request = URLRequest(url: url)
        request.setValue("\(token.scheme) \(token.value)", forHTTPHeaderField: "Authorization")
        let (_, answer) = try await URLSession.shared.data(for: request)
        return (answer as? HTTPURLResponse)?.statusCode ?? 0
    }
}

/// Ends the program with a text for the person.
func quit(_ text: String) -> Never {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
    exit(1)
}
