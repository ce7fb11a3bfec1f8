import APIContract
import Primitives

/// How the card stands in the logins of the system itself (`pam_cps.so`).
struct PAMExamination {
    let machine: any Workstation

    private static let deny = "pam_deny.so"
    private static let password = "pam_unix.so"

    func findings() -> [Finding] {
        let stacks = PAMStacks(machine: machine)
        let (services, naming) = (stacks.services, stacks.services.filter { stacks.namesModule($0) })
        guard !naming.isEmpty else { return services.isEmpty ? [] : [Finding("pam", DoctorSentence.pamUnused)] }
        var findings: [Finding] = []
        for service in naming {
            let rules = stacks.rules(of: service)
            for path in Set(rules.filter { $0.module == PAMStacks.module }.map(\.path)).sorted() where !isInstalled(path) {
                let repair = Repair.byHand("apt-get", "install", "--reinstall", "cps-agent")
                findings.append(
                    found(DoctorSentence.pamMissing(service), DoctorSentence.pamMissingWhy, DoctorSentence.pamMissingRemedy, repair))
            }
            findings += order(rules.filter { $0.facility == "auth" }, in: service)
        }
        let remote = stacks.rules(of: "sshd").filter { $0.facility == "auth" && $0.module == PAMStacks.module }
        if remote.contains(where: \.isRequired) {
            findings.append(
                found(DoctorSentence.pamRemote, DoctorSentence.pamRemoteWhy, DoctorSentence.pamRemoteRemedy, .byHand("pam-auth-update")))
        }
        return findings.isEmpty ? [Finding("pam", DoctorSentence.pamGood(naming.joined(separator: ", ")))] : findings
    }

    /// What makes our module useless where it stands, or too strong.
    private func order(_ rules: [PAMRule], in service: String) -> [Finding] {
        guard let place = rules.firstIndex(where: { $0.module == PAMStacks.module }) else { return [] }
        let repair = Repair.byHand("pam-auth-update")
        if rules[..<place].contains(where: { $0.module == Self.deny && $0.isRequired }) {
            return [found(DoctorSentence.pamDead(service), DoctorSentence.pamDeadWhy, DoctorSentence.pamOrderRemedy, repair)]
        }
        let first = rules[..<place].enumerated().contains { index, rule in
            rule.module == Self.password && (rule.isDoneBySuccess || index + rule.skipsOnSuccess >= place)
        }
        if first {
            return [found(DoctorSentence.pamAfter(service), DoctorSentence.pamAfterWhy, DoctorSentence.pamOrderRemedy, repair)]
        }
        guard rules[place].isRequired, !rules[place].arguments.contains("fallback=yes") else { return [] }
        return [found(DoctorSentence.pamLockOut(service), DoctorSentence.pamLockOutWhy, DoctorSentence.pamLockOutRemedy, repair)]
    }

    /// In the folders of modules of this system: those where its own ones lie.
    private func isInstalled(_ path: String) -> Bool {
        if path.hasPrefix("/") { return (try? machine.place(path)) != nil }
        let folders =
            ["/usr/lib/security", "/lib/security"] + machine.names(in: "/usr/lib").map { "/usr/lib/\($0)/security" }
            + machine.names(in: "/lib").map { "/lib/\($0)/security" }
        return folders.contains { (try? machine.place("\($0)/\(path)")) != nil }
    }

    private func found(_ text: Text, _ why: Text, _ remedy: Text, _ repair: Repair) -> Finding {
        Finding("pam", text, why: why, remedy: remedy, repair: repair)
    }
}
