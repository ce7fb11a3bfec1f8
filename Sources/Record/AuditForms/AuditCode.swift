/// A code with the table it is from.
package struct AuditCode: Hashable, Sendable {
    enum System: Hashable {
        /// DICOM PS3.16 annex D.
        case dicom
        /// Transactions of IHE.
        case ihe
        /// HL7 v3 ActReason.
        case reason
        /// ISO 21089 life cycle of a record, as FHIR gives it.
        case lifecycle
        /// Events of this log.
        case own
        /// Health professions.
        case profession

        /// As FHIR names it.
        var uri: String {
            switch self {
            case .dicom: "http://dicom.nema.org/resources/ontology/DCM"
            case .ihe: "urn:ihe:event-type-code"
            case .reason: "http://terminology.hl7.org/CodeSystem/v3-ActReason"
            case .lifecycle: "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
            case .own: "urn:cps-agent:event"
            case .profession: "urn:oid:1.2.250.1.71.1.2.7"
            }
        }

        /// As DICOM names it.
        var name: String {
            switch self {
            case .dicom: "DCM"
            case .ihe: "IHE Transactions"
            case .reason: "2.16.840.1.113883.5.8"
            case .lifecycle: "ISO 21089"
            case .own: "cps-agent"
            case .profession: "1.2.250.1.71.1.2.7"
            }
        }
    }

    package let code: String
    let system: System
    let display: String

    init(_ code: String, _ system: System, _ display: String) {
        self.code = code
        self.system = system
        self.display = display
    }

    static func dicom(_ code: Int, _ display: String) -> AuditCode { AuditCode(String(code), .dicom, display) }

    /// An event of the log by its own name.
    static func own(_ event: String) -> AuditCode { AuditCode(event, .own, event) }
}

extension AuditCode {
    static let applicationActivity = dicom(110100, "Application Activity")
    static let logUsed = dicom(110101, "Audit Log Used")
    static let imported = dicom(110107, "Import")
    static let securityAlert = dicom(110113, "Security Alert")
    static let userAuthentication = dicom(110114, "User Authentication")
    static let attest = AuditCode("attest", .lifecycle, "Attest Record Lifecycle Event")

    static let started = dicom(110120, "Application Start")
    static let stopped = dicom(110121, "Application Stop")
    static let login = dicom(110122, "Login")
    static let logout = dicom(110123, "Logout")
    static let overrideStarted = dicom(110127, "Emergency Override Started")
    static let securityConfiguration = dicom(110129, "Security Configuration")
    static let hardwareConfiguration = dicom(110130, "Hardware Configuration")
    static let softwareConfiguration = dicom(110131, "Software Configuration")
    static let restrictedFunction = dicom(110132, "Use of Restricted Function")
    static let rolesChanged = dicom(110136, "Security Roles Changed")
    static let attributesChanged = dicom(110137, "User Security Attributes Changed")
    static let overrideStopped = dicom(110138, "Emergency Override Stopped")
    static let getAccessToken = AuditCode("ITI-71", .ihe, "Get Access Token")

    static let application = dicom(110150, "Application")
    static let destination = dicom(110152, "Destination Role ID")

    static let treatment = AuditCode("TREAT", .reason, "treatment")
    static let emergencyTreatment = AuditCode("ETREAT", .reason, "Emergency Treatment")
    static let breakGlass = AuditCode("BTG", .reason, "break the glass")
    static let administration = AuditCode("HSYSADMIN", .reason, "health system administration")
}
