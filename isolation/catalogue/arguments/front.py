"""Arguments of load balancers, web ACLs, certificates and names in the DNS.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/ and
https://docs.aws.amazon.com/waf/latest/APIReference/ are the sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue.arguments.uses import Arguments, Use

FRONT: Final[Mapping[str, Arguments]] = {
    "aws_acm_certificate": {
        Use.NAME: "domain_name subject_alternative_names",
        Use.LINK: "certificate_authority_arn",
        Use.KEY: "certificate_body certificate_chain key_algorithm private_key",
        Use.TIME: "early_renewal_duration",
        Use.MEASURED: "options.certificate_transparency_logging_preference",
        Use.SIGN_IN: "validation_method validation_option.domain_name validation_option.validation_domain",
    },
    "aws_acm_certificate_validation": {
        Use.PART: "certificate_arn",
        Use.LINK: "validation_record_fqdns",
    },
    "aws_route53_record": {
        # Where a name leads is the owner's own, or has a reason: a name of another's that leads here is not modelled.
        Use.LINK: "alias.name health_check_id name records",
        Use.READ: "zone_id",
        Use.NAME: "set_identifier",
        Use.FORMAT: "type",
        Use.MEASURED: "alias.evaluate_target_health",
        Use.TIME: "ttl",
        Use.SIZE: "multivalue_answer_routing_policy weighted_routing_policy.weight",
        Use.PLACED: """alias.zone_id cidr_routing_policy.collection_id cidr_routing_policy.location_name
            failover_routing_policy.type geolocation_routing_policy.continent geolocation_routing_policy.country
            geolocation_routing_policy.subdivision geoproximity_routing_policy.aws_region
            geoproximity_routing_policy.bias geoproximity_routing_policy.coordinates.latitude
            geoproximity_routing_policy.coordinates.longitude geoproximity_routing_policy.local_zone_group
            latency_routing_policy.region""",
        Use.CHANGED: "allow_overwrite",
    },
    "aws_lb": {
        Use.READ: "name",
        Use.LINK: """access_logs.bucket connection_logs.bucket security_groups subnet_mapping.allocation_id
            subnet_mapping.subnet_id subnets""",
        Use.NAME: "access_logs.prefix connection_logs.prefix name_prefix",
        Use.FORMAT: """desync_mitigation_mode drop_invalid_header_fields enable_http2
            enable_tls_version_and_cipher_suite_headers enable_xff_client_port load_balancer_type
            preserve_host_header xff_header_processing_mode""",
        Use.MEASURED: "access_logs.enabled connection_logs.enabled",
        Use.TIME: "client_keep_alive idle_timeout",
        Use.SIZE: "minimum_load_balancer_capacity.capacity_units",
        Use.PROTECTED: "enable_deletion_protection",
        Use.RESTRICTED: """enable_waf_fail_open enforce_security_group_inbound_rules_on_private_link_traffic
            internal""",
        Use.PLACED: """customer_owned_ipv4_pool dns_record_client_routing_policy enable_cross_zone_load_balancing
            enable_zonal_shift ip_address_type ipam_pools.ipv4_ipam_pool_id subnet_mapping.ipv6_address
            subnet_mapping.private_ipv4_address""",
    },
    "aws_lb_listener": {
        Use.PART: "load_balancer_arn",
        Use.LINK: """default_action.authenticate_cognito.user_pool_arn
            default_action.authenticate_cognito.user_pool_client_id
            default_action.authenticate_cognito.user_pool_domain default_action.forward.target_group.arn
            default_action.target_group_arn""",
        Use.READ: "default_action.redirect.host default_action.type",
        Use.SIGN_IN: """default_action.authenticate_cognito.authentication_request_extra_params
            default_action.authenticate_cognito.on_unauthenticated_request
            default_action.authenticate_cognito.scope default_action.authenticate_cognito.session_cookie_name
            default_action.authenticate_cognito.session_timeout
            default_action.authenticate_oidc.authentication_request_extra_params
            default_action.authenticate_oidc.authorization_endpoint default_action.authenticate_oidc.client_id
            default_action.authenticate_oidc.client_secret default_action.authenticate_oidc.issuer
            default_action.authenticate_oidc.on_unauthenticated_request default_action.authenticate_oidc.scope
            default_action.authenticate_oidc.session_cookie_name
            default_action.authenticate_oidc.session_timeout default_action.authenticate_oidc.token_endpoint
            default_action.authenticate_oidc.user_info_endpoint""",
        Use.FORMAT: """alpn_policy default_action.fixed_response.content_type default_action.fixed_response.message_body
            default_action.fixed_response.status_code default_action.order default_action.redirect.path
            default_action.redirect.port default_action.redirect.protocol default_action.redirect.query
            default_action.redirect.status_code port protocol
            routing_http_request_x_amzn_mtls_clientcert_header_name
            routing_http_request_x_amzn_mtls_clientcert_issuer_header_name
            routing_http_request_x_amzn_mtls_clientcert_leaf_header_name
            routing_http_request_x_amzn_mtls_clientcert_serial_number_header_name
            routing_http_request_x_amzn_mtls_clientcert_subject_header_name
            routing_http_request_x_amzn_mtls_clientcert_validity_header_name
            routing_http_request_x_amzn_tls_cipher_suite_header_name
            routing_http_request_x_amzn_tls_version_header_name
            routing_http_response_access_control_allow_credentials_header_value
            routing_http_response_access_control_allow_headers_header_value
            routing_http_response_access_control_allow_methods_header_value
            routing_http_response_access_control_allow_origin_header_value
            routing_http_response_access_control_expose_headers_header_value
            routing_http_response_access_control_max_age_header_value
            routing_http_response_content_security_policy_header_value routing_http_response_server_enabled
            routing_http_response_strict_transport_security_header_value
            routing_http_response_x_content_type_options_header_value
            routing_http_response_x_frame_options_header_value""",
        Use.SIZE: """default_action.forward.stickiness.duration default_action.forward.stickiness.enabled
            default_action.forward.target_group.weight""",
        Use.KEY: "certificate_arn ssl_policy",
        Use.RESTRICTED: """mutual_authentication.advertise_trust_store_ca_names
            mutual_authentication.ignore_client_certificate_expiry mutual_authentication.mode
            mutual_authentication.trust_store_arn""",
        Use.TIME: "tcp_idle_timeout_seconds",
    },
    "aws_lb_listener_certificate": {
        Use.PART: "listener_arn",
        Use.KEY: "certificate_arn",
    },
    "aws_lb_listener_rule": {
        Use.LINK: """action.authenticate_cognito.user_pool_arn action.authenticate_cognito.user_pool_client_id
            action.authenticate_cognito.user_pool_domain action.forward.target_group.arn action.target_group_arn
            listener_arn""",
        Use.READ: "action.redirect.host action.type condition.host_header.values priority",
        Use.SIGN_IN: """action.authenticate_cognito.authentication_request_extra_params
            action.authenticate_cognito.on_unauthenticated_request action.authenticate_cognito.scope
            action.authenticate_cognito.session_cookie_name action.authenticate_cognito.session_timeout
            action.authenticate_oidc.authentication_request_extra_params
            action.authenticate_oidc.authorization_endpoint action.authenticate_oidc.client_id
            action.authenticate_oidc.client_secret action.authenticate_oidc.issuer
            action.authenticate_oidc.on_unauthenticated_request action.authenticate_oidc.scope
            action.authenticate_oidc.session_cookie_name action.authenticate_oidc.session_timeout
            action.authenticate_oidc.token_endpoint action.authenticate_oidc.user_info_endpoint""",
        Use.FORMAT: """action.fixed_response.content_type action.fixed_response.message_body
            action.fixed_response.status_code action.order action.redirect.path action.redirect.port
            action.redirect.protocol action.redirect.query action.redirect.status_code""",
        Use.SIZE: """action.forward.stickiness.duration action.forward.stickiness.enabled
            action.forward.target_group.weight""",
        Use.RESTRICTED: """condition.http_header.http_header_name condition.http_header.values
            condition.http_request_method.values condition.path_pattern.values condition.query_string.key
            condition.query_string.value condition.source_ip.values""",
    },
    "aws_lb_target_group": {
        Use.LINK: "vpc_id",
        Use.READ: "name name_prefix",
        Use.FORMAT: """lambda_multi_value_headers_enabled port preserve_client_ip protocol protocol_version
            proxy_protocol_v2 stickiness.cookie_duration stickiness.cookie_name stickiness.enabled
            stickiness.type target_type""",
        Use.MEASURED: """health_check.enabled health_check.healthy_threshold health_check.interval health_check.matcher
            health_check.path health_check.port health_check.protocol health_check.timeout
            health_check.unhealthy_threshold""",
        Use.PLACED: "ip_address_type",
        Use.SIZE: """load_balancing_algorithm_type load_balancing_anomaly_mitigation load_balancing_cross_zone_enabled
            target_group_health.dns_failover.minimum_healthy_targets_count
            target_group_health.dns_failover.minimum_healthy_targets_percentage
            target_group_health.unhealthy_state_routing.minimum_healthy_targets_count
            target_group_health.unhealthy_state_routing.minimum_healthy_targets_percentage""",
        Use.TIME: """deregistration_delay slow_start target_health_state.enable_unhealthy_connection_termination
            target_health_state.unhealthy_draining_interval""",
        Use.CHANGED: "connection_termination target_failover.on_deregistration target_failover.on_unhealthy",
    },
    "aws_wafv2_web_acl": {
        Use.READ: "name name_prefix",
        Use.NAME: "custom_response_body.key description rule.name rule.rule_label.name",
        Use.RESTRICTED: """association_config.request_body.api_gateway.default_size_inspection_limit
            association_config.request_body.app_runner_service.default_size_inspection_limit
            association_config.request_body.cloudfront.default_size_inspection_limit
            association_config.request_body.cognito_user_pool.default_size_inspection_limit
            association_config.request_body.verified_access_instance.default_size_inspection_limit
            captcha_config.immunity_time_property.immunity_time
            challenge_config.immunity_time_property.immunity_time data_protection_config.data_protection.action
            data_protection_config.data_protection.exclude_rate_based_details
            data_protection_config.data_protection.exclude_rule_match_details
            data_protection_config.data_protection.field.field_keys
            data_protection_config.data_protection.field.field_type
            default_action.allow.custom_request_handling.insert_header.name
            default_action.allow.custom_request_handling.insert_header.value
            default_action.block.custom_response.custom_response_body_key
            default_action.block.custom_response.response_code
            default_action.block.custom_response.response_header.name
            default_action.block.custom_response.response_header.value
            rule.action.allow.custom_request_handling.insert_header.name
            rule.action.allow.custom_request_handling.insert_header.value
            rule.action.block.custom_response.custom_response_body_key
            rule.action.block.custom_response.response_code
            rule.action.block.custom_response.response_header.name
            rule.action.block.custom_response.response_header.value
            rule.action.captcha.custom_request_handling.insert_header.name
            rule.action.captcha.custom_request_handling.insert_header.value
            rule.action.challenge.custom_request_handling.insert_header.name
            rule.action.challenge.custom_request_handling.insert_header.value
            rule.action.count.custom_request_handling.insert_header.name
            rule.action.count.custom_request_handling.insert_header.value
            rule.captcha_config.immunity_time_property.immunity_time
            rule.challenge_config.immunity_time_property.immunity_time rule.override_action.count
            rule.override_action.none rule.priority rule.statement
            rule.visibility_config.cloudwatch_metrics_enabled rule.visibility_config.metric_name
            rule.visibility_config.sampled_requests_enabled rule_json scope token_domains""",
        Use.FORMAT: "custom_response_body.content custom_response_body.content_type",
        Use.MEASURED: """visibility_config.cloudwatch_metrics_enabled visibility_config.metric_name
            visibility_config.sampled_requests_enabled""",
    },
    "aws_wafv2_web_acl_association": {
        Use.PART: "resource_arn",
        Use.LINK: "web_acl_arn",
    },
    "aws_wafv2_web_acl_logging_configuration": {
        Use.PART: "resource_arn",
        Use.LINK: "log_destination_configs",
        Use.RESTRICTED: """logging_filter.default_behavior logging_filter.filter.behavior
            logging_filter.filter.condition.action_condition.action
            logging_filter.filter.condition.label_name_condition.label_name logging_filter.filter.requirement
            redacted_fields.method redacted_fields.query_string redacted_fields.single_header.name
            redacted_fields.uri_path""",
    },
}
"""By resource type."""
