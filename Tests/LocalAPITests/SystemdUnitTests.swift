import Testing

@testable import LocalAPI

struct SystemdUnitTests {
    @Test(arguments: [
        ("0::/system.slice/records.service\n", ["records.service"]),
        ("0::/system.slice/system-records.slice/records@1.service/payload\n", ["records@1.service"]),
        ("1:cpu:/other.service\n0::/system.slice/records.service\n", ["records.service"]),
        (
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-mail@1.service\n",
            ["user@1000.service", "user/app-mail@1.service"]
        ),
        ("0::/user.slice/user-1000.slice/session-3.scope\n", ["session-3.scope"]),
        ("0::/system.slice/_cpu.service\n", ["cpu.service"]),
    ])
    func unitIsTheFirstBelowTheSlices(text: String, expected: [String]) {
        #expect(SystemdUnit.names(inCgroups: text) == Set(expected))
    }

    @Test(arguments: [
        // A user's own group with the name of a system unit; the same in a container.
        "0::/user.slice/user-1000.slice/user@1000.service/system.slice/records.service\n",
        "0::/system.slice/docker-0a.scope/system.slice/records.service\n",
        // Not below this machine's manager, on the old hierarchy, in no unit, or nonsense.
        "0::/../system.slice/records.service\n", "3:name=systemd:/system.slice/records.service\n", "0::/\n", "0::/records\n", "", "0::\n",
        "0::/records.service.slice\n", "0::/x/records.service\n",
    ])
    func groupOfAnotherMakingIsNotTheUnit(text: String) {
        #expect(!SystemdUnit.names(inCgroups: text).contains("records.service"))
    }
}
