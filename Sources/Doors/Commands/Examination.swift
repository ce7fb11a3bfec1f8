import APIContract
import AgentClient
import Primitives

/// Looks at what a login needs, in the order in which it would fail.
struct Examination {
    let tool: Tool
    let machine: any Workstation

    /// - Returns: what the agent says of itself, `nil` where it does not answer, and what was found.
    func look() -> (status: JSON?, findings: [Finding]) {
        let service = ServiceExamination(tool: tool, machine: machine)
        let status: JSON
        do throws(Problem) {
            status = try tool.get("status")
        } catch {
            let (units, readers) = (service.units(), ReaderExamination(tool: tool, machine: machine))
            let found =
                [service.unreachable(error)] + units + readers.serviceWithoutAgent() + readers.machineOnly()
                + ClockExamination(machine: machine).synchronization() + StateExamination(machine: machine).space() + pam()
            return (nil, found)
        }
        let (readers, state) = (ReaderExamination(tool: tool, machine: machine), StateExamination(machine: machine))
        let found =
            [Finding("agent", DoctorSentence.agentAnswers(status.text("version")))] + service.socket() + service.units()
            + readers.findings(status) + TrustExamination(status: status, time: tool.time).findings()
            + state.reserve(status["audit"]?["reserve"] ?? .null) + state.space()
            + AnchorExamination(time: tool.time).findings(status["audit"] ?? .null)
            + ClockExamination(machine: machine).findings(status["clock"]?["seconds_behind"]?.int)
            + TrustExamination(status: status, time: tool.time).listener() + pam()
            + (status["warnings"]?.array ?? []).map { warning in
                Finding(
                    "configuration", Text(warning.plain, warning.plain), why: DoctorSentence.warningWhy,
                    remedy: DoctorSentence.warningRemedy)
            }
        return (status, found)
    }

    private func pam() -> [Finding] { PAMExamination(machine: machine).findings() }
}
