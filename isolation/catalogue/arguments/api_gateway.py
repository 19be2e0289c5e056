"""Arguments of HTTP and WebSocket APIs, and of the user pools whose tokens they take.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/ and
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/ are the sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue.arguments.uses import Arguments, Use

API_GATEWAY: Final[Mapping[str, Arguments]] = {
    "aws_apigatewayv2_api": {
        Use.READ: "protocol_type route_key target",
        Use.LINK: "credentials_arn",
        Use.NAME: "name description version",
        Use.FORMAT: """api_key_selection_expression route_selection_expression
            cors_configuration.allow_credentials cors_configuration.allow_headers cors_configuration.allow_methods
            cors_configuration.allow_origins cors_configuration.expose_headers cors_configuration.max_age""",
        Use.RESTRICTED: "disable_execute_api_endpoint",
        Use.PLACED: "ip_address_type",
        Use.CHANGED: "fail_on_warnings",
        Use.UNMODELLED: "body",
    },
    "aws_apigatewayv2_authorizer": {
        Use.PART: "api_id",
        Use.READ: "authorizer_type jwt_configuration.audience jwt_configuration.issuer",
        Use.LINK: "authorizer_credentials_arn authorizer_uri",
        Use.NAME: "name",
        Use.FORMAT: "identity_sources authorizer_payload_format_version enable_simple_responses",
        Use.TIME: "authorizer_result_ttl_in_seconds",
    },
    "aws_apigatewayv2_integration": {
        Use.PART: "api_id",
        Use.LINK: "integration_uri credentials_arn connection_id",
        Use.CONTENT: "request_parameters request_templates response_parameters.mappings",
        Use.NAME: "description",
        Use.FORMAT: """integration_type integration_subtype integration_method connection_type
            content_handling_strategy passthrough_behavior payload_format_version response_parameters.status_code
            template_selection_expression tls_config.server_name_to_verify""",
        Use.TIME: "timeout_milliseconds",
    },
    "aws_apigatewayv2_route": {
        Use.PART: "api_id",
        Use.READ: "authorization_type authorizer_id route_key",
        Use.LINK: "target",
        Use.NAME: "operation_name",
        Use.FORMAT: """model_selection_expression request_models request_parameter.request_parameter_key
            request_parameter.required route_response_selection_expression""",
        Use.RESTRICTED: "api_key_required authorization_scopes",
    },
    "aws_apigatewayv2_stage": {
        Use.PART: "api_id",
        Use.LINK: "access_log_settings.destination_arn deployment_id client_certificate_id",
        Use.CONTENT: "stage_variables",
        Use.NAME: "name description",
        Use.FORMAT: "access_log_settings.format",
        Use.SIZE: """default_route_settings.throttling_burst_limit default_route_settings.throttling_rate_limit
            route_settings.throttling_burst_limit route_settings.throttling_rate_limit""",
        Use.MEASURED: """default_route_settings.data_trace_enabled default_route_settings.detailed_metrics_enabled
            default_route_settings.logging_level route_settings.data_trace_enabled
            route_settings.detailed_metrics_enabled route_settings.logging_level route_settings.route_key""",
        Use.CHANGED: "auto_deploy",
    },
    "aws_cognito_user_pool": {
        Use.READ: "admin_create_user_config.allow_admin_create_user_only",
        Use.LINK: """email_configuration.configuration_set email_configuration.source_arn
            lambda_config.create_auth_challenge lambda_config.custom_email_sender.lambda_arn
            lambda_config.custom_message lambda_config.custom_sms_sender.lambda_arn
            lambda_config.define_auth_challenge lambda_config.post_authentication lambda_config.post_confirmation
            lambda_config.pre_authentication lambda_config.pre_sign_up lambda_config.pre_token_generation
            lambda_config.pre_token_generation_config.lambda_arn lambda_config.user_migration
            lambda_config.verify_auth_challenge_response sms_configuration.sns_caller_arn""",
        Use.NAME: """name email_configuration.from_email_address email_configuration.reply_to_email_address
            sms_configuration.external_id""",
        Use.FORMAT: """admin_create_user_config.invite_message_template.email_message
            admin_create_user_config.invite_message_template.email_subject
            admin_create_user_config.invite_message_template.sms_message email_configuration.email_sending_account
            email_mfa_configuration.message email_mfa_configuration.subject email_verification_message
            email_verification_subject lambda_config.custom_email_sender.lambda_version
            lambda_config.custom_sms_sender.lambda_version lambda_config.pre_token_generation_config.lambda_version
            schema.attribute_data_type schema.developer_only_attribute schema.mutable schema.name
            schema.number_attribute_constraints.max_value schema.number_attribute_constraints.min_value
            schema.required schema.string_attribute_constraints.max_length
            schema.string_attribute_constraints.min_length sms_authentication_message sms_verification_message
            verification_message_template.default_email_option verification_message_template.email_message
            verification_message_template.email_message_by_link verification_message_template.email_subject
            verification_message_template.email_subject_by_link verification_message_template.sms_message""",
        Use.SIGN_IN: """account_recovery_setting.recovery_mechanism.name
            account_recovery_setting.recovery_mechanism.priority alias_attributes auto_verified_attributes
            device_configuration.challenge_required_on_new_device
            device_configuration.device_only_remembered_on_user_prompt mfa_configuration
            sign_in_policy.allowed_first_auth_factors software_token_mfa_configuration.enabled
            user_attribute_update_settings.attributes_require_verification_before_update
            user_pool_add_ons.advanced_security_additional_flows.custom_auth_mode
            user_pool_add_ons.advanced_security_mode username_attributes username_configuration.case_sensitive
            web_authn_configuration.relying_party_id web_authn_configuration.user_verification""",
        Use.RESTRICTED: """password_policy.minimum_length password_policy.password_history_size
            password_policy.require_lowercase password_policy.require_numbers password_policy.require_symbols
            password_policy.require_uppercase password_policy.temporary_password_validity_days""",
        Use.KEY: "lambda_config.kms_key_id",
        Use.PROTECTED: "deletion_protection",
        Use.PLACED: "sms_configuration.sns_region",
        Use.SIZE: "user_pool_tier",
    },
    "aws_cognito_user_pool_client": {
        Use.PART: "user_pool_id",
        Use.LINK: """analytics_configuration.application_arn analytics_configuration.application_id
            analytics_configuration.role_arn""",
        Use.NAME: "name analytics_configuration.external_id",
        Use.MEASURED: "analytics_configuration.user_data_shared",
        Use.SIGN_IN: """allowed_oauth_flows allowed_oauth_flows_user_pool_client allowed_oauth_scopes
            enable_propagate_additional_user_context_data enable_token_revocation
            explicit_auth_flows generate_secret prevent_user_existence_errors read_attributes
            refresh_token_rotation.feature supported_identity_providers write_attributes""",
        Use.TIME: """access_token_validity auth_session_validity id_token_validity
            refresh_token_rotation.retry_grace_period_seconds refresh_token_validity
            token_validity_units.access_token token_validity_units.id_token token_validity_units.refresh_token""",
        # Whose the hosts are that tokens and codes are sent to, nothing says.
        Use.UNMODELLED: "callback_urls default_redirect_uri logout_urls",
    },
    "aws_cognito_user_pool_domain": {
        Use.PART: "user_pool_id",
        Use.KEY: "certificate_arn",
        Use.NAME: "domain",
        Use.FORMAT: "managed_login_version",
    },
}
"""By resource type."""
