import APIContract
import AgentClient
import Primitives

/// The agent as a service: its socket, and what systemd makes of it.
struct ServiceExamination {
    let tool: Tool
    let machine: any Workstation

    private static let start = Repair.safe("systemctl", "enable", "--now", "cps-agent.service")
    private static let restart = Repair.safe("systemctl", "restart", "cps-agent.service")
    private static let pcsc = Repair.safe("systemctl", "enable", "--now", "pcscd.socket")

    /// The states of all units that matter here.
    static let question = [
        "systemctl", "show", "--property=Id,LoadState,ActiveState,UnitFileState,ExecMainStatus", "cps-agent.service", "cps-agent.socket",
        "pcscd.socket",
    ]

    /// What the agent ends with when its configuration is at fault.
    private static let wrongConfiguration = "2"
    /// What systemd ends a service with that it cannot hand a credential to (systemd.exec(5), EXIT_CREDENTIALS).
    private static let noCredentials = "243"

    /// Whether systemd rules this machine.
    static func hasSystemd(_ machine: any Workstation) -> Bool { (try? machine.place("/run/systemd/system"))?.isFolder == true }

    /// Why the agent does not answer.
    func unreachable(_ problem: Problem) -> Finding {
        let (socket, detail) = (tool.client.socket, problem.detail ?? Text(problem.code))
        guard ErrorCode(rawValue: problem.code) == .agentUnreachable else {
            return Finding("agent", ErrorCode(rawValue: problem.code) ?? .internalError, at: detail)
        }
        if let uid = tool.client.stranger() {
            return found(detail, DoctorSentence.stranger(uid), DoctorSentence.strangerRemedy, .byHand("ss", "-xlp", "src", socket))
        }
        let place: Place
        do throws(FileError) {
            place = try machine.place(socket)
        } catch {
            guard error.number == FileError.absent else {
                return found(detail, DoctorSentence.socketHidden, DoctorSentence.socketHiddenRemedy(machine.user), nil)
            }
            return found(detail, DoctorSentence.socketMissing, DoctorSentence.socketMissingRemedy, Self.start)
        }
        guard place.isSocket else {
            return found(detail, DoctorSentence.noSocket, DoctorSentence.noSocketRemedy, .byHand("rm", socket))
        }
        guard machine.mayConnect(to: socket) else {
            let repair = Repair.byHand("usermod", "--append", "--groups", place.group, machine.user)
            return found(detail, DoctorSentence.noRight(machine.user, place.group), DoctorSentence.noRightRemedy, repair)
        }
        return found(detail, DoctorSentence.nobodyAnswers, DoctorSentence.nobodyAnswersRemedy, Self.restart)
    }

    private func found(_ detail: Text, _ why: Text, _ remedy: Text, _ repair: Repair?) -> Finding {
        Finding("agent", .agentUnreachable, at: detail, why: why, remedy: remedy, repair: repair)
    }

    /// Who may speak to the agent, and who could stand in its place.
    func socket() -> [Finding] {
        let socket = tool.client.socket
        let folder = socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? "."
        var findings: [Finding] = []
        if let place = try? machine.place(folder), place.permissions & 0o022 != 0, place.permissions & 0o1000 == 0 {
            findings.append(
                Finding(
                    "socket", DoctorSentence.folderOpen(folder), why: DoctorSentence.folderOpenWhy, remedy: DoctorSentence.folderOpenRemedy,
                    repair: .safe("chmod", "go-w", folder)))
        }
        if let place = try? machine.place(socket), place.permissions & 0o002 != 0 {
            findings.append(
                Finding(
                    "socket", DoctorSentence.socketOpen, why: DoctorSentence.socketOpenWhy, remedy: DoctorSentence.socketOpenRemedy))
        }
        return findings
    }

    /// The units of the agent and of the smart-card service; nothing where systemd does not run.
    func units() -> [Finding] {
        guard Self.hasSystemd(machine) else { return [] }
        guard case .ended(0, let output) = machine.run(Self.question) else { return [] }
        let units = Self.parsed(String(decoding: output, as: UTF8.self))
        return agent(units["cps-agent.service"] ?? [:], units["cps-agent.socket"] ?? [:]) + pcsc(units["pcscd.socket"] ?? [:])
    }

    private func agent(_ service: [String: String], _ socket: [String: String]) -> [Finding] {
        if service["LoadState"] == "not-found" {
            let repair = Repair.byHand("apt-get", "install", "cps-agent")
            return [unit(DoctorSentence.unitMissing, DoctorSentence.unitMissingWhy, DoctorSentence.unitMissingRemedy, repair)]
        }
        // Between two tries it is "activating".
        if ["failed", "activating"].contains(service["ActiveState"]), service["ExecMainStatus"] == Self.noCredentials {
            let repair = Repair.byHand("man", "cps-agent-seal")
            return [unit(DoctorSentence.unitSealed, DoctorSentence.unitSealedWhy, DoctorSentence.unitSealedRemedy, repair)]
        }
        if service["ActiveState"] == "failed", service["ExecMainStatus"] == Self.wrongConfiguration {
            let repair = Repair.byHand("cps-agentd", "--config", WrittenSettings.path, "--check-config")
            return [unit(DoctorSentence.unitFailed, DoctorSentence.unitMisconfigured, DoctorSentence.unitMisconfiguredRemedy, repair)]
        }
        if service["ActiveState"] == "failed" {
            return [unit(DoctorSentence.unitFailed, DoctorSentence.unitFailedWhy, DoctorSentence.unitFailedRemedy, Self.restart)]
        }
        if service["UnitFileState"] == "masked" {
            let repair = Repair.byHand("systemctl", "unmask", "cps-agent.service")
            return [unit(DoctorSentence.unitMasked, DoctorSentence.unitMaskedWhy, DoctorSentence.unitMaskedRemedy, repair)]
        }
        if service["UnitFileState"] == "disabled", socket["UnitFileState"] != "enabled" {
            return [unit(DoctorSentence.unitDisabled, DoctorSentence.unitDisabledWhy, DoctorSentence.unitDisabledRemedy, Self.start)]
        }
        return []
    }

    private func pcsc(_ socket: [String: String]) -> [Finding] {
        if socket["LoadState"] == "not-found" {
            let repair = Repair.byHand("apt-get", "install", "pcscd", "libccid")
            return [unit(DoctorSentence.pcscMissing, DoctorSentence.pcscMissingWhy, DoctorSentence.pcscMissingRemedy, repair)]
        }
        guard socket["ActiveState"] == "inactive" || socket["ActiveState"] == "failed" else { return [] }
        return [unit(DoctorSentence.pcscStopped, DoctorSentence.pcscMissingWhy, DoctorSentence.pcscStoppedRemedy, Self.pcsc)]
    }

    private func unit(_ text: Text, _ why: Text, _ remedy: Text, _ repair: Repair) -> Finding {
        Finding("units", text, why: why, remedy: remedy, repair: repair)
    }

    /// Properties by unit, as `systemctl show` prints them: `NAME=VALUE` lines, an empty line between units.
    private static func parsed(_ text: String) -> [String: [String: String]] {
        var units: [String: [String: String]] = [:]
        for block in text.split(separator: "\n\n") {
            let pairs = block.split(separator: "\n").compactMap { line -> (String, String)? in
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
            }
            let properties = Dictionary(pairs) { first, _ in first }
            if let id = properties["Id"] { units[id] = properties }
        }
        return units
    }
}
