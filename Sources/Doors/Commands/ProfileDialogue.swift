import APIContract
import AgentClient
import Primitives

/// Where a session waits for a situation of practice and a person sits there: the list, a number, and then the token.
struct ProfileDialogue {
    let tool: Tool
    /// Whether a person can be asked.
    let isTalking: Bool

    /// Longest number that anybody types, in bytes.
    private static let longestNumber = 8

    /// - Parameter token: the members of the request for a token; empty for none.
    /// - Returns: as a login in that situation would have been answered; `opened` itself when nobody can be asked, or answers.
    func settled(_ opened: JSON, token: [String: JSON]) throws(Problem) -> JSON {
        guard isTalking, let session = opened["session"], session["state"]?.string == "profile_required",
            let id = session["id"]?.string, let profile = try asked(session["profiles"]?.array ?? [])
        else { return opened }
        let chosen = try tool.choose(profile, session: id)
        guard !token.isEmpty else { return ["session": chosen] }
        let issued = try tool.client.send(AgentRequest(.post, ["sessions", id, "tokens"], body: .json(.object(token)))).json()
        guard case .object(let members) = issued else { return ["session": chosen] }
        return .object(members.merging(["session": chosen]) { first, _ in first })
    }

    private func asked(_ profiles: [JSON]) throws(Problem) -> String? {
        let language = tool.output.language
        for (index, profile) in profiles.enumerated() {
            let (french, english) = (profile.profileText(.french), profile.profileText(.english))
            tool.output.tell(Text("  \(index + 1)  \(french)", "  \(index + 1)  \(english)"))
        }
        while true {
            let reply: Reply
            do throws(ConsoleFailure) {
                reply = try tool.console.ask(LoginSentence.profilePrompt.in(language), echo: true, limit: Self.longestNumber)
            } catch {
                throw tool.output.problem(.invalidRequest, error.reason.of(.terminal))
            }
            switch consume reply {
            case .line(let line):
                let number = line.withBytes { Int(String(decoding: $0, as: UTF8.self)) }
                if let number, profiles.indices.contains(number - 1) { return profiles[number - 1]["id"]?.string }
            // The session is open and waits; it can be chosen for later.
            case .end: return nil
            case .noTerminal: return nil
            case .interrupted(let signal):
                tool.console.stop(by: signal)
                return nil
            }
        }
    }
}
