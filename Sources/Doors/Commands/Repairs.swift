import APIContract
import AgentClient
import Primitives

/// Runs those repairs that can do no harm where they do no good.
struct Repairs {
    let tool: Tool
    let machine: any Workstation

    /// Of each command that was run: the command, and whether it did its work.
    ///
    /// - Throws: `forbidden` when somebody else than root asks.
    func run(_ findings: [Finding]) throws(Problem) -> [(repair: Repair, isDone: Bool)] {
        guard machine.isRoot else {
            throw tool.output.problem(
                .forbidden, Text("--fix demande root : sudo cpsctl doctor --fix", "--fix needs root: sudo cpsctl doctor --fix"))
        }
        var done: [(Repair, Bool)] = []
        for repair in findings.compactMap(\.repair) where repair.isSafe && !done.contains(where: { $0.0 == repair }) {
            if !tool.output.isJSON { tool.output.tell(DoctorSentence.running(repair.line)) }
            done.append((repair, isRun(repair)))
        }
        return done
    }

    private func isRun(_ repair: Repair) -> Bool {
        if repair == .lists {
            // What the command does, without finding this program again by its name.
            return (try? tool.client.send(AgentRequest(.post, ["trust", "updates"], patience: TrustUpdateVerb.patience))) != nil
        }
        guard case .ended(0, _) = machine.run(repair.command) else { return false }
        return true
    }
}
